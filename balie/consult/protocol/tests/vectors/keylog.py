"""`keylog.md`: proofs, and checkpoints with their cosignatures."""

from collections.abc import Sequence
from typing import Any

from balie.consult.keylog.tree import Tree
from balie.consult.protocol import keylog
from balie.consult.protocol.encoding import b64, name
from balie.consult.protocol.keylog import Checkpoint, Cosigner, cosign, cosigner, note_of
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret

TITLE = "The key log (keylog.md)"
ORIGIN = "balie.example/key-log"
SERVERS = ("north", "east", "south")
SIZES = (1, 2, 3, 4, 5, 7, 8, 13)


def statement(number: int) -> str:
    return name("vector", str(number).encode())


def tree(size: int, *, person: str = ANNA.id) -> Tree:
    """The log of as many statements of Anna."""
    found = Tree()
    found.extend([keylog.entry_leaf(keylog.entry_of(person), statement(number)) for number in range(size)])
    return found


def make(cases: Cases) -> None:
    cases.gives("whose keys", "key_log_of", keylog.entry_of(ANNA.id), person=ANNA.id)
    inclusion(cases)
    consistency(cases)
    checkpoints(cases)


def texts(hashes: Sequence[bytes]) -> list[str]:
    return [b64(each) for each in hashes]


def inclusion(cases: Cases) -> None:
    for size in SIZES:
        for index in sorted({0, size // 2, size - 1}):
            cases.gives(f"number {index} of {size}", "check_entry", None, **_entry(size, index))
    given = _entry(7, 4)
    wrong: dict[str, dict[str, Any]] = {
        "another statement": {"statement": statement(5)},
        "another person": {"person": BEN.id},
        "another number": {"index": 5},
        "a number beyond the log": {"index": 7},
        "another size": {"size": 13},
        "another root": {"root": b64(flipped(tree(7).root(7), 3))},
        "a hash too few": {"proof": given["proof"][:-1]},
        "a hash too many": {"proof": [*given["proof"], given["proof"][0]]},
        "no proof": {"proof": []},
        "an endless proof": {"proof": given["proof"] * 40},
    }
    for what, bent in wrong.items():
        cases.rejects(f"an entry: {what}", "check_entry", Reason.NOT_IN_LOG, **given | bent)
    empty = {"size": 0, "root": b64(tree(0).root(0)), "index": 0, "proof": []}
    cases.rejects("an entry of an empty log", "check_entry", Reason.NOT_IN_LOG, **given | empty)


def _entry(size: int, index: int) -> dict[str, Any]:
    found = tree(size)
    proof = texts(found.inclusion(index, size))
    place = {"size": size, "root": b64(found.root(size)), "index": index, "proof": proof}
    return {"person": ANNA.id, "statement": statement(index), **place}


def consistency(cases: Cases) -> None:
    for size in (0, *SIZES):
        for later in SIZES:
            if size <= later:
                cases.gives(f"{size} before {later}", "check_follows", None, **_follows(size, later))
    given = _follows(5, 13)
    other = tree(13, person=BEN.id)
    wrong: dict[str, tuple[Reason, dict[str, Any]]] = {
        "another log": (Reason.FORKED, {"root": b64(other.root(13)), "proof": texts(other.consistency(5, 13))}),
        "another log as long": (Reason.FORKED, _follows(13, 13) | {"root": b64(other.root(13))}),
        "another installation's": (Reason.FORKED, {"origin": "other.example/key-log"}),
        "an older one": (Reason.STALE, _follows(5, 13) | {"size": 4, "root": b64(tree(4).root(4)), "proof": []}),
        "without proof": (Reason.FORKED, {"proof": []}),
        "a hash too few": (Reason.FORKED, {"proof": given["proof"][:-1]}),
        "a hash too many": (Reason.FORKED, {"proof": [*given["proof"], given["proof"][0]]}),
        "a bent hash": (Reason.FORKED, {"proof": [b64(tree(1).root(1)), *given["proof"][1:]]}),
        "a proof for what needs none": (Reason.FORKED, _follows(13, 13) | {"proof": given["proof"]}),
        "an empty one with a root": (Reason.FORKED, _follows(0, 13) | {"seen_root": b64(tree(1).root(1))}),
    }
    for what, (reason, bent) in wrong.items():
        cases.rejects(f"a later checkpoint: {what}", "check_follows", reason, **given | bent)


def _follows(size: int, later: int) -> dict[str, Any]:
    found = tree(later)
    return {
        "seen_size": size,
        "seen_root": b64(found.root(size)),
        "origin": ORIGIN,
        "size": later,
        "root": b64(found.root(later)),
        "proof": texts(found.consistency(size, later)),
    }


def checkpoints(cases: Cases) -> None:
    checkpoint = Checkpoint(ORIGIN, 13, tree(13).root(13))
    seeds = {server: secret(f"{server} sign") for server in SERVERS}
    known = [cosigner(server, seed) for server, seed in seeds.items()]
    lines = [_lines(cases, checkpoint, server, seeds[server], AT + at) for at, server in enumerate(SERVERS)]
    stranger = _lines(cases, checkpoint, "west", secret("west sign"), AT)
    given = {"origin": ORIGIN, "cosigners": list(map(shown, known))}
    fine = {
        "by all three": (lines, list(SERVERS), AT + 1),
        "by two": (lines[1:], ["east", "south"], AT + 1),
        "by two and a stranger": ([stranger, *lines[:2]], ["east", "north"], AT),
    }
    for what, (signed, servers, at) in fine.items():
        out = {"size": 13, "root": b64(checkpoint.root), "servers": sorted(servers), "at": at}
        cases.gives(f"a checkpoint {what}", "accept_checkpoint", out, note=note_of(checkpoint, *signed), **given)
    north, east, _ = lines
    elsewhere = Checkpoint("x.example/key-log", 13, checkpoint.root)
    renamed = north.replace("north", "east")
    half = [north, east.partition("\n")[0] + "\n"]
    ml_dsa_only = [north, east.partition("\n")[2]]
    whole, bent = note_of(checkpoint, *lines), Checkpoint(ORIGIN, 14, checkpoint.root)
    wrong: dict[str, tuple[Reason, str]] = {
        "by one": (Reason.TOO_FEW_COSIGNATURES, note_of(checkpoint, north)),
        "by one and a stranger": (Reason.TOO_FEW_COSIGNATURES, note_of(checkpoint, north, stranger)),
        "by two, one without ML-DSA": (Reason.TOO_FEW_COSIGNATURES, note_of(checkpoint, *half)),
        "by two, one without Ed25519": (Reason.TOO_FEW_COSIGNATURES, note_of(checkpoint, *ml_dsa_only)),
        "of another size": (Reason.BAD_SIGNATURE, note_of(bent, *lines)),
        "of another installation": (
            Reason.FORKED,
            note_of(elsewhere, *lines),
        ),
        "under another's name": (
            Reason.TOO_FEW_COSIGNATURES,
            note_of(checkpoint, north, renamed),
        ),
        "signed twice by one": (Reason.MALFORMED, note_of(checkpoint, north, north)),
        "without signatures": (Reason.MALFORMED, note_of(checkpoint)),
        "without an end": (Reason.MALFORMED, whole.rstrip("\n")),
        "with a line more": (Reason.MALFORMED, whole.replace("\n13\n", "\n13\nmore\n", 1)),
        "with a size that begins with 0": (Reason.MALFORMED, whole.replace("\n13\n", "\n013\n", 1)),
        "with a line that is no signature": (Reason.MALFORMED, f"{whole}north\n"),
        "with a signature that is too short": (Reason.MALFORMED, f"{whole}— north AAAA\n"),
        "with more lines than may be": (Reason.MALFORMED, note_of(checkpoint, *[stranger] * 9)),
    }
    for what, (reason, note) in wrong.items():
        cases.rejects(f"a checkpoint {what}", "accept_checkpoint", reason, note=note, **given)


def _lines(cases: Cases, checkpoint: Checkpoint, server: str, seed: bytes, at: int) -> str:
    """ML-DSA signs with randomness of its own."""
    made_from = [checkpoint.body.encode(), server.encode(), seed, str(at).encode()]
    return cases.kept.text(f"cosignature of {server}", made_from, lambda: cosign(checkpoint, server, seed, at=at))


def shown(known: Cosigner) -> dict[str, str]:
    return {"server": known.server, "sign": b64(known.sign), "ml_dsa": b64(known.ml_dsa)}
