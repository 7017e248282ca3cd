"""Proofs about an append-only tree, as RFC 9162 has them (section 2.1): SHA-256, leaves and nodes told apart."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from balie.consult.protocol.reasons import Reason, reject

HASH_BYTES: Final = 32
PROOF_MOST: Final = 64
EMPTY: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def check_inclusion(*, leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """That the leaf with this hash is number `index`, from 0, of the `size` under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(proof) > PROOF_MOST:
        reject(Reason.NOT_IN_LOG, "inclusion")
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            reject(Reason.NOT_IN_LOG, "inclusion")
        if at & 1 or at == last:
            found = _node(each, found)
            at, last = _up(at, last)
        else:
            found = _node(found, each)
        at, last = at >> 1, last >> 1
    if last or found != root:
        reject(Reason.NOT_IN_LOG, "inclusion")


def check_consistency(*, size: int, root: bytes, later_size: int, later_root: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of `later_size` begins with that of `size` (RFC 9162, 2.1.4.2). Every tree begins with an empty one
    and with itself: the proof of that is empty.
    """
    if not 0 <= size <= later_size or len(proof) > PROOF_MOST:
        reject(Reason.FORKED, "consistency")
    if size in (0, later_size):
        if proof or root != (later_root if size else EMPTY):
            reject(Reason.FORKED, "consistency")
        return
    path = list(proof) if size & (size - 1) else [root, *proof]
    at, last = size - 1, later_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        reject(Reason.FORKED, "consistency")
    found = later = path[0]
    for each in path[1:]:
        if last == 0:
            reject(Reason.FORKED, "consistency")
        if at & 1 or at == last:
            found, later = _node(each, found), _node(each, later)
            at, last = _up(at, last)
        else:
            later = _node(later, each)
        at, last = at >> 1, last >> 1
    if last or (found, later) != (root, later_root):
        reject(Reason.FORKED, "consistency")


def _up(at: int, last: int) -> tuple[int, int]:
    """To where it is a right child, or the root."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


class Frontier:
    """The root over leaves that come one by one, of which only whole subtrees are remembered."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        width, found = 1, leaf
        while self._roots and self._roots[-1][0] == width:
            found = _node(self._roots.pop()[1], found)
            width *= 2
        self._roots.append((width, found))
        self.size += 1

    def root(self) -> bytes:
        if not self._roots:
            return EMPTY
        *left, (_, found) = self._roots
        for _, each in reversed(left):
            found = _node(each, found)
        return found
