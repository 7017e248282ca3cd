"""Why something was rejected: the reason codes of the specification, the same in both languages."""

from enum import StrEnum
from typing import Never


class Reason(StrEnum):
    """One code per reason. `UNOPENABLE` deliberately covers wrong key, wrong context and damage: no oracle."""

    MALFORMED = "malformed"
    MALFORMED_KEY = "malformed-key"
    UNKNOWN_SUITE = "unknown-suite"
    UNOPENABLE = "unopenable"
    WRONG_TYPE = "wrong-type"
    WRONG_ALGORITHM = "wrong-algorithm"
    WRONG_KEY = "wrong-key"
    WRONG_PERSON = "wrong-person"
    WRONG_CONVERSATION = "wrong-conversation"
    WRONG_MESSAGE = "wrong-message"
    WRONG_SERVER = "wrong-server"
    WRONG_CHALLENGE = "wrong-challenge"
    WRONG_ATTACHMENT = "wrong-attachment"
    WRONG_SET = "wrong-set"
    NOT_ALLOWED = "not-allowed"
    REPLAYED = "replayed"
    BAD_SIGNATURE = "bad-signature"
    UNKNOWN_SIGNER = "unknown-signer"
    MISSING_SIGNATURE = "missing-signature"
    NOT_THE_NEXT = "not-the-next"
    STALE = "stale"
    BAD_SHARE = "bad-share"
    TOO_FEW_SHARES = "too-few-shares"
    NOT_IN_LOG = "not-in-log"
    FORKED = "forked"
    TOO_FEW_COSIGNATURES = "too-few-cosignatures"
    LOG_REWRITTEN = "log-rewritten"


class Rejected(Exception):  # noqa: N818 (the specification's word)
    """Input that MUST be rejected; `reason` is the code, the text says where."""

    def __init__(self, reason: Reason, where: str) -> None:
        super().__init__(f"{reason}: {where}")
        self.reason = reason


def reject(reason: Reason, where: str) -> Never:
    """Raise, without telling what lay beneath."""
    raise Rejected(reason, where) from None
