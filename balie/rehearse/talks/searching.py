"""Everything that an installation wrote down, looked through for what people said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from urllib.error import URLError
from urllib.request import urlopen

import msgspec

from balie.rehearse.install import Installation
from balie.rehearse.judge.traces import Source, find_traces, read_database, read_files
from balie.rehearse.talks.voices import address_of

BACK_WITHIN_S = 30.0  # a key server that was killed


class Searched(msgspec.Struct):
    """How many tables and files, of how many bytes, and where the mark of this run stood. `control`: where that stood
    which must be somewhere.
    """

    sources: int
    bytes: int
    found: list[str]
    control: list[str]


def search(installation: Installation, mark: str) -> Searched:
    """The database, logs, mails, what key servers keep, and what they tell whoever measures them."""
    seen, size, found, control = set[str](), 0, list[str](), list[str]()
    for source in chain(read_database(installation.dsn), _files(installation), _metrics(installation)):
        seen.add(source[0])
        size += len(source[1])
        found += find_traces(mark, [source])
        control += find_traces(address_of(0), [source])
    return Searched(len(seen), size, found, control)


def _files(installation: Installation) -> Iterator[Source]:
    server = installation.server
    yield from read_files(
        installation.supervisor.logs, installation.folder / "mail", installation.folder / "keyservers"
    )
    yield "log of the database", server.log.read_bytes()


def _metrics(installation: Installation) -> Iterator[Source]:
    for vault in installation.vaults.each if installation.vaults else ():
        yield f"metrics of {vault.name}", _read(f"{vault.routes[-1]}/metrics")


def _read(url: str) -> bytes:
    until = time.monotonic() + BACK_WITHIN_S
    while True:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own http
                content: bytes = answer.read()
                return content
        except (URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
