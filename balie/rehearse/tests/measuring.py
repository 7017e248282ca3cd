"""Parts of a bench that another process can import without Django's tables."""

import os
from typing import NoReturn

from balie.rehearse.bench.command import Note, Say


def tell_process(rounds: int, say: Say, note: Note) -> None:
    note({"process": os.getpid()})


def fail(rounds: int, say: Say, note: Note) -> NoReturn:
    raise ValueError(rounds)
