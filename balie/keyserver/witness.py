"""Cosigning checkpoints of the key log: only what goes on from what was cosigned before (`keylog.md`)."""

from typing import Annotated, Any

import msgspec

from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.keylog import Checkpoint, check_follows, cosign, origin_of
from balie.consult.protocol.payloads import INTEGER_MAX, Name, Payload, decode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.trees import EMPTY, PROOF_MOST
from balie.keyserver.config import Config, Keys
from balie.keyserver.store import Store

Size = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]


class BehindError(Exception):
    """The proof does not begin at the last checkpoint that was cosigned here, which has this size."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Cosign(Payload, frozen=True, kw_only=True):
    """A checkpoint, with the proof that it goes on from the one of size `since`."""

    origin: str
    size: Size
    root: Name
    since: Size
    proof: Annotated[tuple[Name, ...], msgspec.Meta(max_length=PROOF_MOST)]


def witness(config: Config, keys: Keys, store: Store, body: bytes, now: int) -> dict[str, Any]:
    """Our cosignature. Raises Rejected when it is of another log, or does not go on from the last; BehindError."""
    asked = decode(body, Cosign)
    if asked.origin != (config.key_log or origin_of(config.issuer)):
        reject(Reason.FORKED, "origin")
    checkpoint = Checkpoint(asked.origin, asked.size, unb64(asked.root))
    with store.transaction():
        size, root = store.checkpoint(asked.origin) or (0, EMPTY)
        if asked.since != size:
            raise BehindError(size)
        check_follows(checkpoint, Checkpoint(asked.origin, size, root), [unb64(each) for each in asked.proof])
        store.keep_checkpoint(asked.origin, checkpoint.size, checkpoint.root, now)
    return {"lines": cosign(checkpoint, config.name, keys.sign, at=now)}
