"""The rules of a key server: who may deposit, ask, and get a share (`docs/spec/consult/keyserver.md`).

Every function is one transaction on the store. `RefusedError` is one answer for every reason; a word for the reason
goes to the log that the person sees.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec

from balie.consult.protocol.approvals import accept_approval
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.payloads import Id, Payload, Public, Secret, decode
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.release import NONCE_BYTES, Offer, challenge, seal_reply, state_held
from balie.consult.protocol.shares import SERVERS, share_hash
from balie.consult.protocol.statements import Statement
from balie.keyserver.config import Config, Keys
from balie.keyserver.dossiers import Deposit, Dossier, accept_deposit, pack, unpack
from balie.keyserver.gestures import Assertion, verified
from balie.keyserver.store import DAY_S, HOUR_S, NONCE_GOOD_S, Store

RELEASED: Final = "released"
REFUSED: Final = "refused"
DEPOSITED: Final = "deposited"


class RefusedError(Exception):
    """Not released, for whatever reason."""


class TooManyError(Exception):
    """The person's limit is reached; `retry_after_s` seconds from now it may be tried again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class Release(Payload, frozen=True, kw_only=True):
    """What a client asks, with either an assertion or an approval."""

    person: Id
    set: Id
    reply: Public
    offers: Annotated[tuple[Offer, ...], msgspec.Meta(min_length=SERVERS, max_length=SERVERS)]
    assertion: Assertion | None = None
    approval: dict[str, Any] | None = None


class Held(Payload, frozen=True, kw_only=True):
    nonce: Secret


@dataclass(frozen=True)
class Rules:
    """A key server without its HTTP. Not for several threads at once: the store is not."""

    config: Config
    keys: Keys
    store: Store

    def deposit(self, person: str, body: bytes, now: int) -> dict[str, Any]:
        """Keep what a person brings. Raises Rejected: the client is told what it did wrong."""
        deposit = decode(body, Deposit)
        with self.store.transaction():
            found = self.store.dossier(person)
            dossier, share = accept_deposit(
                deposit,
                person_id=person,
                before=unpack(found[0]) if found else None,
                server=self.config.name,
                kem_seed=self.keys.kem,
            )
            self.store.keep_dossier(person, pack(dossier), share)
            self.store.log(person, DEPOSITED, dossier.share_set.set, now)
        return {"set": dossier.share_set.set, "generation": dossier.person.generation}

    def nonce(self, person: str, now: int) -> dict[str, Any]:
        """A nonce for one release; for people who have nothing here too, so that it tells nothing."""
        with self.store.transaction():
            if self.store.nonces_since(person, now - HOUR_S) >= self.config.nonces_per_hour(person):
                raise TooManyError(HOUR_S)
            nonce = b64(secrets.token_bytes(NONCE_BYTES))
            self.store.add_nonce(nonce, person, now)
        return {"nonce": nonce, "good_s": NONCE_GOOD_S}

    def release(self, person: str, body: bytes, now: int) -> bytes:
        """The share, sealed to the reply key, and what it opens; the same bytes to the same request within a minute."""
        request = decode(body, Release)
        same = b64(sha256(body).digest())
        reason: str | None
        with self.store.transaction():
            if (answer := self.store.answer(person, same, now)) is not None:
                return answer
            self._within_limits(person, now)
            found = self.store.dossier(person)
            own = next((each.nonce for each in request.offers if each.server == self.config.name), None)
            if own is None or not self.store.spend_nonce(own, person, now):
                reason = "nonce"
            elif found is None or request.person != person:
                reason = "unknown"
            else:
                reason, answer = self._judge(unpack(found[0]), found[1], request)
            if answer is not None:
                self.store.keep_answer(person, same, answer, now)
            self.store.log(person, RELEASED if answer is not None else REFUSED, reason, now)
        if answer is None:
            raise RefusedError
        return answer

    def _within_limits(self, person: str, now: int) -> None:
        if self.store.events_since(person, REFUSED, now - HOUR_S) >= self.config.limits.refusals_per_hour:
            raise TooManyError(HOUR_S)
        if self.store.events_since(person, RELEASED, now - DAY_S) >= self.config.releases_per_day(person):
            raise TooManyError(DAY_S)

    def _judge(self, dossier: Dossier, share: bytes, request: Release) -> tuple[str, bytes | None]:
        """How it was allowed, with the answer; or why not."""
        stated = dossier.share_set
        if request.set != stated.set:
            return "set", None
        reply = unb64(request.reply)
        try:
            asked = challenge(stated, reply, request.offers)
            how = self._shown(dossier, request, asked)
            if how is None:
                return "gesture", None
            text = seal_reply(stated, self.config.name, self.keys.sign, share=share, reply=reply, challenge=asked)
        except Rejected as rejected:
            return str(rejected.reason), None
        answer = {"reply": text, "keyset": dossier.keyset, "unlock": dossier.unlock}
        return how, msgspec.json.encode(answer)

    def _shown(self, dossier: Dossier, request: Release, asked: bytes) -> str | None:
        """What shows that the person, or those they trust, want this: never the token alone."""
        if request.assertion is not None and request.approval is None:
            key = dossier.passkeys.get(request.assertion.credential)
            shown = key is not None and verified(request.assertion, key=key, challenge=asked, config=self.config)
            return "passkey" if shown else None
        if request.approval is not None and request.assertion is None:
            approval: Statement = request.approval
            return accept_approval(
                approval,
                person=request.person,
                set_id=request.set,
                challenge=asked,
                devices=dossier.devices,
                colleagues=dossier.trustees,
            )
        return None

    def held(self, person: str, body: bytes, now: int) -> dict[str, Any]:
        """That the share is here, said without giving it."""
        nonce = unb64(decode(body, Held).nonce)
        with self.store.transaction():
            found = self.store.dossier(person)
        if found is None:
            raise RefusedError
        stated, share = unpack(found[0]).share_set, found[1]
        hashed = share_hash(person=person, set_id=stated.set, server=self.config.name, share=share)
        return {"held": state_held(stated, self.config.name, self.keys.sign, share_hash=hashed, nonce=nonce, at=now)}

    def log(self, person: str) -> dict[str, Any]:
        """What happened with a person's share, newest first; for their eyes."""
        with self.store.transaction():
            events = self.store.events(person)
        return {"events": [{"at": made, "what": what, "detail": detail} for made, what, detail in events]}
