"""What each `op` of the vectors asks of us. `frontend/src/crypto/ops.ts` answers the same."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from balie.consult.client.bundle import bundle
from balie.consult.client.extract import Extract
from balie.consult.client.page import page
from balie.consult.econsults.triage import read_questionnaire, triage
from balie.consult.protocol import (
    approvals,
    attachments,
    boxes,
    devices,
    encoding,
    group_keys,
    keylog,
    keysets,
    membership,
    messages,
    passkeys,
    persons,
    release,
    reserve,
    shares,
    statements,
    suite,
    unlocking,
)
from balie.consult.protocol.attachments import Attachment
from balie.consult.protocol.devices import Device
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.persons import KnownKey, Person
from balie.consult.protocol.release import KeyServer, Offer
from balie.consult.protocol.shares import ShareSet

Given = dict[str, Any]


def known_keys(listed: list[Given]) -> tuple[KnownKey, ...]:
    return tuple(KnownKey(each["person"], unb64(each["sign"]), tuple(each["teams"])) for each in listed)


def person_in(v: Given, *, who: str = "person", chain: str = "statements") -> Person:
    """The person that a chain of statements makes known."""
    admitters = known_keys(v.get("admitters", []))
    reserves = tuple(unb64(each) for each in v.get("reserves", []))
    known = None
    for statement in v[chain]:
        vouching = {"admitters": admitters, "reserves": reserves}
        known = persons.accept_person_key(statement, person=v[who], known=known, **vouching)
    assert known
    return known


def accept_person(v: Given) -> Any:
    known = person_in(v)
    return {
        "generation": known.generation,
        "sign": b64(known.sign),
        "name": known.name,
        "how": known.how,
        "vouchers": list(known.vouchers),
        "era": sorted(known.era),
    }


def accept_device(v: Given) -> Any:
    device = devices.accept_device(v["certificate"], person_in(v), tuple(v["revocations"]))
    return {"device": device.device, "sign": b64(device.sign), "revoked": device.revoked}


def verify(v: Given) -> Any:
    signed = statements.verify(v["typ"], v["statement"], statements.signers(*map(unb64, v["signers"])))
    return {"payload": b64(signed.payload), "kids": list(signed.kids), "name": signed.name}


def open_keyset(v: Given) -> Any:
    keyset = keysets.open_keyset(v["box"], unb64(v["key"]), person=v["person"], generation=v["generation"])
    return [[each.generation, each.kem, each.sign] for each in keyset.generations]


def replay(v: Given) -> Any:
    known = known_keys(v["known"])
    found = membership.replay(v["group"], [membership.accept_act(each, known) for each in v["acts"]])
    return {
        "kind": found.kind,
        "members": dict(found.members),
        "heads": list(found.heads),
        "pending": list(found.pending),
        "refused": list(found.refused),
        "void": list(found.void),
    }


def open_group_key(v: Given) -> Any:
    seed, sealed = unb64(v["seed"]), unb64(v["sealed"])
    opened = group_keys.open_group_key(v["kind"], v["group"], v["key"], member=v["member"], seed=seed, sealed=sealed)
    return b64(opened)


def choose_key(v: Given) -> Any:
    known = known_keys(v["known"])
    acts = [membership.accept_act(each, known) for each in v["acts"]]
    stated = [group_keys.accept_group_key(each, "conversation", known) for each in v["stated"]]
    return group_keys.choose_key(v["group"], membership.replay(v["group"], acts), stated, v["current"])


def check_entry(v: Given) -> None:
    checkpoint = keylog.Checkpoint("", v["size"], unb64(v["root"]))
    proof = [unb64(each) for each in v["proof"]]
    keylog.check_entry(checkpoint, person=v["person"], statement=v["statement"], index=v["index"], proof=proof)


def check_follows(v: Given) -> None:
    seen = keylog.Checkpoint("balie.example/key-log", v["seen_size"], unb64(v["seen_root"]))
    checkpoint = keylog.Checkpoint(v["origin"], v["size"], unb64(v["root"]))
    keylog.check_follows(checkpoint, seen, [unb64(each) for each in v["proof"]])


def accept_checkpoint(v: Given) -> Any:
    known = [keylog.Cosigner(each["server"], unb64(each["sign"]), unb64(each["ml_dsa"])) for each in v["cosigners"]]
    found = keylog.accept_checkpoint(v["note"], origin=v["origin"], cosigners=known)
    checkpoint = found.checkpoint
    return {"size": checkpoint.size, "root": b64(checkpoint.root), "servers": list(found.servers), "at": found.at}


def devices_in(v: Given) -> list[Device]:
    return [Device(each["person"], each["device"], unb64(each["sign"]), each["revoked"]) for each in v["devices"]]


def opened(v: Given) -> messages.Opened:
    return messages.open_message(
        v["envelope"],
        conversation=v["conversation"],
        message_id=v["message_id"],
        key=unb64(v["key"]),
        devices=devices_in(v),
        writers=v["writers"],
    )


def open_message(v: Given) -> Any:
    found = opened(v)
    content = json.loads(msgspec.json.encode(found.message.content))
    return {"name": found.name, "content": content, "revoked": found.revoked}


def open_attachment(v: Given) -> Any:
    described = msgspec.convert(v["described"], Attachment)
    return b64(attachments.open_attachment(unb64(v["file"]), described))


def stated_in(v: Given) -> ShareSet:
    return shares.accept_share_set(v["share_set"], person_in(v))


def server_in(v: Given) -> KeyServer:
    return KeyServer(v["server"], b"", unb64(v["server_sign"]))


def open_reply(v: Given) -> Any:
    seed, asked = unb64(v["reply_seed"]), unb64(v["challenge"])
    return b64(release.open_reply(stated_in(v), server_in(v), seed, text=v["text"], challenge=asked))


def accept_approval(v: Given) -> Any:
    return approvals.accept_approval(
        v["approval"],
        person=v["person"],
        set_id=v["set"],
        challenge=unb64(v["challenge"]),
        devices=devices_in(v),
        colleagues=known_keys(v["colleagues"]),
    )


def accept_trustees(v: Given) -> Any:
    found = approvals.accept_trustees(v["trustees"], person_in(v))
    return [{"person": each.person, "sign": b64(each.sign)} for each in found]


def accept_passkeys(v: Given) -> Any:
    found = passkeys.accept_passkeys(v["passkeys"], v["revocations"], person_in(v))
    return {credential: b64(key) for credential, key in found.items()}


def combine(v: Given) -> Any:
    return b64(shares.combine(stated_in(v), {server: unb64(share) for server, share in v["shares"].items()}))


def read_part(v: Given) -> Any:
    part = reserve.read_part(v["text"])
    return {"number": part.number, "set": part.set, "data": b64(part.data)}


def reserve_in(v: Given) -> reserve.Reserve:
    return reserve.accept_reserve(v["statement"], known_keys(v["known"]))


def reserve_drill(v: Given) -> Any:
    reserve.drill(reserve_in(v), [reserve.read_part(each) for each in v["parts"]])


def reserve_restore(v: Given) -> Any:
    return b64(reserve.restore(reserve_in(v), [reserve.read_part(each) for each in v["parts"]]))


def open_reserve_copy(v: Given) -> Any:
    seed, sealed = unb64(v["seed"]), unb64(v["sealed"])
    return b64(reserve.open_copy(v["team"], v["named"], reserve_seed=seed, sealed=sealed))


def triage_of(v: Given) -> Any:
    outcome = triage(read_questionnaire(msgspec.json.encode(v["questionnaire"])), v["answers"])
    return {"urgency": outcome.urgency, "route": outcome.route}


OPS: dict[str, Callable[[Given], Any]] = {
    "info": lambda v: b64(encoding.info(v["label"], *map(unb64, v["fields"]))),
    "name": lambda v: encoding.name(v["label"], *map(unb64, v["fields"])),
    "unb64": lambda v: unb64(v["text"], v["length"]).hex(),
    "public_of": lambda v: b64(suite.public_of(unb64(v["seed"]))),
    "public_name": lambda v: suite.public_name(unb64(v["public"])),
    "seal": lambda v: b64(suite.seal(unb64(v["public"]), unb64(v["info"]), unb64(v["plaintext"]))),
    "unseal": lambda v: b64(suite.unseal(unb64(v["seed"]), unb64(v["info"]), unb64(v["sealed"]))),
    "kid": lambda v: statements.kid_of(unb64(v["public"])),
    "sign_compact": lambda v: statements.sign_compact(v["typ"], unb64(v["payload"]), unb64(v["seed"])),
    "verify": verify,
    "unlock_box": lambda v: b64(boxes.unlock(v["typ"], unb64(v["key"]), v["box"], kid=v["kid"])),
    "accept_person": accept_person,
    "accept_device": accept_device,
    "safety_number": lambda v: persons.safety_number(
        person_in(v, who="one_id", chain="one"), person_in(v, who="other_id", chain="other")
    ),
    "open_keyset": open_keyset,
    "prf_input": lambda v: b64(unlocking.prf_input(v["person"])),
    "derived_key": lambda v: b64(unlocking.derived_key(v["method"], v["person"], unb64(v["secret"]))),
    "unwrap": lambda v: b64(unlocking.unwrap(v["method"], v["person"], unb64(v["secret"]), v["box"])),
    "unwrap_on_device": lambda v: b64(
        unlocking.unwrap_on_device(v["person"], v["device"], unb64(v["device_key"]), v["box"])
    ),
    "unwrap_with_code": lambda v: b64(unlocking.unwrap_with_code(v["person"], v["code"], unb64(v["file"]))),
    "passphrase": lambda v: unlocking.passphrase(v["code"]),
    "share_hash": lambda v: shares.share_hash(
        person=v["person"], set_id=v["set"], server=v["server"], share=unb64(v["share"])
    ),
    "combine": combine,
    "challenge": lambda v: b64(
        release.challenge(stated_in(v), unb64(v["reply"]), [Offer(**each) for each in v["offers"]])
    ),
    "open_deposit": lambda v: b64(
        release.open_deposit(stated_in(v), v["server"], unb64(v["kem_seed"]), unb64(v["sealed"]))
    ),
    "open_reply": open_reply,
    "accept_held": lambda v: release.accept_held(stated_in(v), server_in(v), text=v["text"], nonce=unb64(v["nonce"])),
    "accept_passkeys": accept_passkeys,
    "accept_trustees": accept_trustees,
    "accept_approval": accept_approval,
    "approval_code": lambda v: approvals.approval_code(unb64(v["challenge"])),
    "replay": replay,
    "group_key_name": lambda v: group_keys.key_name(v["kind"], v["group"], unb64(v["key"])),
    "open_group_key": open_group_key,
    "accept_group_key": lambda v: group_keys.accept_group_key(v["statement"], v["kind"], known_keys(v["known"])).key,
    "choose_key": choose_key,
    "padded": lambda v: b64(messages.padded(unb64(v["data"]))),
    "unpadded": lambda v: b64(messages.unpadded(unb64(v["data"]))),
    "open_message": open_message,
    "is_new": lambda v: messages.is_new(opened(v), v["known"]),
    "open_attachment": open_attachment,
    "write_part": lambda v: reserve.write_part(unb64(v["part"])),
    "read_part": read_part,
    "accept_reserve": lambda v: json.loads(encode(reserve_in(v))),
    "reserve_drill": reserve_drill,
    "reserve_restore": reserve_restore,
    "open_reserve_copy": open_reserve_copy,
    "triage": triage_of,
    "bundle": lambda v: bundle(msgspec.convert(v["extract"], Extract)),
    "page": lambda v: page(msgspec.convert(v["extract"], Extract), v["words"], str),
    "key_log_of": lambda v: keylog.entry_of(v["person"]),
    "check_entry": check_entry,
    "check_follows": check_follows,
    "accept_checkpoint": accept_checkpoint,
}
