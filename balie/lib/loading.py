"""Loading modules without looking for garbage between them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Around imports. Nothing of what they make is garbage, and looking through all of it again and again takes a sixth
    of the time in which a process is there. Afterwards no collection walks over it either: in a process that answers,
    requests would wait for that (some 30 ms).
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
