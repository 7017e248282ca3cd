"""Is the log of who did what the one whose roots key servers have cosigned? `balie verify-log` reads all of it."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.conf import settings

from balie.consult.keylog.models import KeyLogCheckpoint, KeyLogEntry, LogHead, LogRoot
from balie.consult.keyservers import cosigners, key_log_name
from balie.consult.models import LogBook, LogEntry
from balie.consult.protocol.keylog import accept_checkpoint, entry_leaf
from balie.consult.protocol.logs import ROOTS, entry_hash, head_hash, root_name
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.trees import Frontier
from balie.lib.asgi import moment

CHUNK = 5000


class RewrittenError(Exception):
    """The log is not the one of before; the text says where."""


@dataclass(frozen=True)
class Verified:
    """How much was read, and up to which size of the key log key servers have cosigned it (0: nothing yet)."""

    books: int
    entries: int
    roots: int
    cosigned: int


def verify_log() -> Verified:
    """Raises RewrittenError."""
    books, entries = _check_books()
    roots = _check_roots()
    return Verified(books, entries, roots, _check_key_log())


def _check_books() -> tuple[int, int]:
    """Every book is a chain of entries up to its last, and where roots say that it was."""
    heads = {(book, number): hashed for book, number, hashed in LogHead.objects.values_list("book", "number", "hash")}
    lasts = {
        pk: (group or identity, number, hashed)
        for pk, group, identity, number, hashed in LogBook.objects.values_list(
            "pk", "group__name", "identity", "number", "hash"
        )
    }
    told = LogEntry.objects.order_by("book", "number").values_list(
        "book", "number", "at", "what", "identity", "detail", "previous", "hash"
    )
    entries = 0
    for book, lines in groupby(told.iterator(chunk_size=CHUNK), key=itemgetter(0)):
        name, last, hashed = lasts.pop(book)
        number, previous = 0, ""
        for _, stated, at, what, person, detail, before, given in lines:
            number += 1
            found = entry_hash(
                book=name,
                number=number,
                at=moment(at),
                what=what,
                person=person,
                detail=detail,
                previous=previous,
            )
            if (stated, before, given) != (number, previous, found):
                raise RewrittenError(f"entry {stated} of book {name} is not what follows from those before it")
            if heads.pop((book, number), found) != found:
                raise RewrittenError(f"book {name} was another at entry {number}, when a root was made of it")
            previous = found
        entries += number
        if (number, previous) != (last, hashed):
            raise RewrittenError(f"book {name} ends at entry {number}, and should at {last}")
    gone = [lasts[book][0] if book in lasts else book for book, _ in heads] + [name for name, *_ in lasts.values()]
    if gone:
        raise RewrittenError(f"entries of book {gone[0]} are gone")
    return LogBook.objects.count(), entries


def _check_roots() -> int:
    """Every root is over its heads and follows the one before, and the key log has each, in the same order."""
    heads: dict[int, list[bytes]] = {}
    told = LogHead.objects.values_list("root", "book__group__name", "book__identity", "number", "hash")
    for root, group, identity, number, hashed in told.iterator(chunk_size=CHUNK):
        heads.setdefault(root, []).append(head_hash(group or identity, number, hashed))
    names: list[str] = []
    for pk, name, at in LogRoot.objects.order_by("pk").values_list("pk", "name", "at"):
        names.append(root_name(names[-1] if names else "", moment(at), heads.get(pk, [])))
        if names[-1] != name:
            raise RewrittenError(f"the root of {moment(at)} is not over what it says")
    published = list(KeyLogEntry.objects.filter(of=ROOTS).order_by("index").values_list("name", flat=True))
    if published != names:
        at_fault = next(
            (at for at, (one, other) in enumerate(zip(published, names, strict=False)) if one != other), None
        )
        where = f"root {at_fault + 1}" if at_fault is not None else "how many roots there are"
        raise RewrittenError(f"the key log says otherwise: {where}")
    return len(names)


def _check_key_log() -> int:
    """That the key log is the one that key servers have cosigned last."""
    origin = key_log_name(settings.KEY_SERVERS, address=settings.ORIGINS[0])
    latest = KeyLogCheckpoint.objects.filter(origin=origin).order_by("-size").first()
    if latest is None:
        return 0
    try:
        known = accept_checkpoint(latest.note, origin=origin, cosigners=cosigners(settings.KEY_SERVERS)).checkpoint
    except Rejected as rejected:
        raise RewrittenError(f"the last checkpoint of the key log does not hold: {rejected.reason}") from None
    tree = Frontier()
    told = KeyLogEntry.objects.filter(index__lt=known.size).order_by("index").values_list("of", "name")
    for of, name in told.iterator(chunk_size=CHUNK):
        tree.append(entry_leaf(of, name))
    if (tree.size, tree.root()) != (known.size, known.root):
        raise RewrittenError("the key log is not the one that key servers have cosigned")
    return known.size
