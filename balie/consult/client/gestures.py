"""What shows a key server that the person, or those they trust, want a release: a passkey, a device, two colleagues."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

from balie.consult.protocol.approvals import TYP, Approval
from balie.consult.protocol.authenticator import SoftwareAuthenticator
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.payloads import decode, encode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.shares import ShareSet
from balie.consult.protocol.statements import Statement, sign_compact

Gesture = Callable[[ShareSet, bytes], Awaitable[dict[str, Any]]]
"""Given the share set and the challenge: the member of a release that shows it."""

Approver = Callable[[bytes], Awaitable[Statement]]
"""Somebody with another device, who is shown the payload of an approval and signs these very bytes."""

PASSKEY: Final = "assertion"
APPROVAL: Final = "approval"


def by_passkey(authenticator: SoftwareAuthenticator) -> Gesture:
    async def gesture(_stated: ShareSet, challenge: bytes) -> dict[str, Any]:
        return {PASSKEY: asdict(authenticator.sign(challenge))}

    return gesture


def by_approval(approvers: Sequence[Approver], *, at: int) -> Gesture:
    """All at once: one who has another device of the person, or two colleagues."""

    async def gesture(stated: ShareSet, challenge: bytes) -> dict[str, Any]:
        asked = encode(Approval(person=stated.person, set=stated.set, challenge=b64(challenge), at=at))
        signed = await asyncio.gather(*(approver(asked) for approver in approvers))
        if any(unb64(each["payload"]) != asked for each in signed):
            reject(Reason.WRONG_CHALLENGE, TYP)
        return {APPROVAL: {"payload": b64(asked), "signatures": [one for each in signed for one in each["signatures"]]}}

    return gesture


def approve(payload: bytes, *, person: str, challenge: bytes, seed: bytes) -> Statement:
    """The approver's side: sign what was asked, if it is what the person who asks told: who, and the challenge, which
    both compare.
    """
    approval = decode(payload, Approval)
    if approval.person != person:
        reject(Reason.WRONG_PERSON, TYP)
    if approval.challenge != b64(challenge):
        reject(Reason.WRONG_CHALLENGE, TYP)
    header, body, signature = sign_compact(TYP, payload, seed).split(".")
    return {"payload": body, "signatures": [{"protected": header, "signature": signature}]}
