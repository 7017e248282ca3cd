"""The tree over the key log: leaves in memory, roots by pymerkle, and proofs cut as RFC 9162 cuts them.

pymerkle's own consistency proofs are longer than those of the RFC where the older tree is a whole subtree of the newer;
so which subtrees a proof is made of is said here, and their roots are its.
"""

from collections.abc import Iterable, Iterator

from pymerkle import BaseMerkleTree

from balie.consult.protocol.trees import HASH_BYTES

CACHE_BYTES = 64 * 1024 * 1024


class Tree(BaseMerkleTree):  # type: ignore[misc]
    """Of hashes of entries, oldest first. It only grows."""

    def __init__(self) -> None:
        super().__init__(algorithm="sha256", capacity=CACHE_BYTES)
        self._leaves = bytearray()

    @property
    def size(self) -> int:
        return len(self._leaves) // HASH_BYTES

    def extend(self, leaves: Iterable[bytes]) -> None:
        self._leaves += b"".join(leaves)

    def root(self, size: int) -> bytes:
        found: bytes = self.get_root(size)
        return found

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """That entry `index`, from 0, is among the first `size`: PATH of RFC 9162, 2.1.3.1."""
        return [self._get_root(*span) for span in _path(index, 0, size)]

    def consistency(self, size: int, later: int) -> list[bytes]:
        """That the first `later` begin with the first `size`: PROOF of RFC 9162, 2.1.4.1; empty for none."""
        return [self._get_root(*span) for span in _subproof(size, 0, later, whole=True)] if size else []

    def _encode_entry(self, data: bytes) -> bytes:
        return data

    def _store_leaf(self, data: bytes, digest: bytes) -> int:
        raise NotImplementedError("leaves come as hashes")

    def _get_leaf(self, index: int) -> bytes:
        return next(self._get_leaves(index - 1, 1))

    def _get_leaves(self, offset: int, width: int) -> Iterator[bytes]:
        for at in range(offset, offset + width):
            yield bytes(self._leaves[at * HASH_BYTES : (at + 1) * HASH_BYTES])

    def _get_size(self) -> int:
        return self.size


def _half(width: int) -> int:
    """The largest power of two below it."""
    return 1 << (width - 1).bit_length() - 1


def _path(index: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start == 1:
        return
    middle = start + _half(end - start)
    if index < middle:
        yield from _path(index, start, middle)
        yield middle, end
    else:
        yield from _path(index, middle, end)
        yield start, middle


def _subproof(size: int, start: int, end: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    """`size` counts from `start`; `whole`: the older tree itself is a subtree here, whose root is known."""
    if size == end - start:
        if not whole:
            yield start, end
        return
    half = _half(end - start)
    if size <= half:
        yield from _subproof(size, start, start + half, whole=whole)
        yield start + half, end
    else:
        yield from _subproof(size - half, start + half, end, whole=False)
        yield start, start + half
