"""`message.md`: messages and attachments."""

import json
from typing import Any

import msgspec
import pyrage

from balie.consult.protocol import attachments, boxes, group_keys, messages, statements
from balie.consult.protocol.attachments import Attachment
from balie.consult.protocol.encoding import b64, name, unb64
from balie.consult.protocol.messages import Content, Message, padded
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN, CORA, Actor
from balie.consult.protocol.tests.vectors.maker import Cases, flipped, secret
from balie.consult.protocol.tests.vectors.membership import create, ref

TITLE = "Messages and attachments (message.md)"
ROOT = create("conversation", ANNA, BEN)
TEAM = f"team:{create('team', BEN, CORA).name}"
KEY = secret("conversation key")
NAMED = group_keys.key_name("conversation", ROOT.name, KEY)
MESSAGE_ID = b64(secret("message", 16))
PDF = b"%PDF-1.7\nnot much of one\n"


def answered(value: str) -> dict[str, Any]:
    return {"form": "algemeen", "version": 1, "answers": [{"label": "Vraag", "value": value}]}


QUESTION = answered("Past dit bij hartfalen?")
INTAKE = {
    "form": "algemeen",
    "version": 1,
    "urgency": "U4",
    "answers": [
        {"question": "koorts", "choice": "ja", "label": "Is er koorts?", "value": "Ja"},
        {"question": "vraag", "choice": None, "label": "Wat is uw vraag?", "value": "Mag hij naar school? 🩺"},
    ],
}


def make(cases: Cases) -> None:
    file, described = attachment(cases)
    padding(cases)
    opening(cases)
    contents(cases, shown_content(described))
    envelopes(cases)
    again(cases)
    files(cases, file, described)


def padding(cases: Cases) -> None:
    for length in (0, 1, 251, 252, 253, 508, 509):
        data = bytes(at % 251 for at in range(length))
        cases.gives(f"{length} bytes padded", "padded", b64(padded(data)), data=b64(data))
        cases.gives(f"{length} bytes back", "unpadded", b64(data), data=b64(padded(data)))
    right = padded(b"abc")
    wrong = {
        "nothing": b"",
        "three bytes": b"\0\0\0",
        "no padding": b"\0\0\0\3abc",
        "a step too many": right + bytes(256),
        "something in the padding": flipped(right, 100),
        "a length beyond the end": b"\xff\xff\xff\xff" + right[4:],
        "a length that needs another step": (300).to_bytes(4, "big") + right[4:],
    }
    for what, data in wrong.items():
        cases.rejects(f"padding: {what}", "unpadded", Reason.MALFORMED, data=b64(data))


def device_seed(actor: Actor) -> bytes:
    return secret(f"{actor.who} device")


def device(actor: Actor, *, revoked: bool = False) -> dict[str, Any]:
    sign = b64(statements.public_of(device_seed(actor)))
    return {"person": actor.id, "device": device_id(actor), "sign": sign, "revoked": revoked}


def device_id(actor: Actor) -> str:
    return b64(secret(f"{actor.who} device id", 16))


def message(actor: Actor = ANNA, **members: Any) -> Message:
    found: dict[str, Any] = {
        "conversation": ROOT.name,
        "id": MESSAGE_ID,
        "person": actor.id,
        "device": device_id(actor),
        "acting": ref(actor),
        "key": NAMED,
        "seen": (),
        "heads": (ROOT.name,),
        "at": AT,
        "content": Content(kind="text", text="Goedemorgen, één vraag 🩺"),
    }
    return Message(**found | members)


def envelope(cases: Cases, what: str, payload: bytes, actor: Actor = ANNA, typ: str = messages.TYP) -> str:
    """`payload` signed by the device of `actor` and locked, whatever it says."""
    signed = statements.sign_compact(typ, payload, device_seed(actor)).encode()
    return locked(cases, what, padded(signed))


def locked(cases: Cases, what: str, data: bytes, key: bytes = KEY, named: str = NAMED) -> str:
    return cases.kept.text(
        f"message: {what}", [key, named.encode(), data], lambda: boxes.lock(messages.BOX_TYP, key, data, kid=named)
    )


def given() -> dict[str, Any]:
    return {
        "conversation": ROOT.name,
        "message_id": MESSAGE_ID,
        "key": b64(KEY),
        "devices": [device(ANNA), device(BEN)],
        "writers": {ref(ANNA): [ANNA.id], ref(BEN): [BEN.id], TEAM: [BEN.id, CORA.id]},
    }


def shown_content(content: Content | Attachment) -> Any:
    return json.loads(msgspec.json.encode(content))


def opened(payload: bytes, content: Content, actor: Actor = ANNA, *, revoked: bool = False) -> dict[str, Any]:
    signed = statements.sign_compact(messages.TYP, payload, device_seed(actor)).encode()
    return {"name": name("message", signed), "content": shown_content(content), "revoked": revoked}


def opening(cases: Cases) -> None:
    first = message()
    box = envelope(cases, "a message", encode(first))
    out = opened(encode(first), first.content)
    cases.gives("a message", "open_message", out, **given(), envelope=box)
    gone = given() | {"devices": [device(ANNA, revoked=True)]}
    cases.gives("from a device revoked since", "open_message", out | {"revoked": True}, **gone, envelope=box)
    by_team = message(BEN, acting=TEAM)
    team_box = envelope(cases, "on behalf of a team", encode(by_team), BEN)
    cases.gives(
        "on behalf of a team",
        "open_message",
        opened(encode(by_team), by_team.content, BEN),
        **given(),
        envelope=team_box,
    )
    other = {"conversation": create("conversation", ANNA).name}
    asked: dict[str, tuple[Reason, dict[str, Any]]] = {
        "with another key": (Reason.WRONG_KEY, {"key": b64(secret("another key"))}),
        "as if of another conversation": (Reason.WRONG_KEY, other),
        "as if it were another message": (Reason.WRONG_MESSAGE, {"message_id": b64(secret("other", 16))}),
        "from a device nobody knows": (Reason.UNKNOWN_SIGNER, {"devices": [device(BEN)]}),
        "from a device of somebody else": (Reason.WRONG_PERSON, {"devices": [device(ANNA) | {"person": BEN.id}]}),
        "from another device of theirs": (
            Reason.WRONG_PERSON,
            {"devices": [device(ANNA) | {"device": device_id(BEN)}]},
        ),
        "by somebody who never was a member": (Reason.NOT_ALLOWED, {"writers": {ref(BEN): [BEN.id]}}),
    }
    for what, (reason, bent) in asked.items():
        cases.rejects(f"a message {what}", "open_message", reason, **given() | bent, envelope=box)
    outside = given() | {"writers": {TEAM: [CORA.id]}}
    cases.rejects("on behalf of a team of others", "open_message", Reason.NOT_ALLOWED, **outside, envelope=team_box)
    written: dict[str, tuple[Reason, Message]] = {
        "written for another conversation": (Reason.WRONG_CONVERSATION, message(**other)),
        "written under another key": (Reason.WRONG_KEY, message(key=name("conversation-key", b"", b""))),
        "with acts that descend": (Reason.MALFORMED, message(heads=tuple(sorted([ROOT.name, NAMED], reverse=True)))),
        "that saw a message twice": (Reason.MALFORMED, message(seen=(NAMED, NAMED))),
    }
    for what, (reason, form) in written.items():
        bent_box = envelope(cases, what, encode(form))
        cases.rejects(f"a message {what}", "open_message", reason, **given(), envelope=bent_box)


def contents(cases: Cases, described: dict[str, Any]) -> None:
    right: dict[str, dict[str, Any]] = {
        "an edit": {"kind": "edit", "text": "Anders gezegd", "to": MESSAGE_ID},
        "a recall": {"kind": "recall", "to": MESSAGE_ID},
        "a reply": {"kind": "text", "text": "Ja", "to": MESSAGE_ID},
        "an attachment without text": {"kind": "text", "attachments": [described]},
        "a question": {"kind": "question", "question": QUESTION},
        "a question with a word beside it": {"kind": "question", "text": "Zie ook de foto", "question": QUESTION},
        "an e-consult": {"kind": "econsult", "intake": INTAKE},
        "a conclusion": {"kind": "conclusion", "text": "Geen aanwijzing voor hartfalen."},
        "a kind of later": {"kind": "poll", "options": ["ja", "nee"]},
        "a member of later": {"kind": "text", "text": "Ja", "mood": "🙂"},
        "ten thousand characters, one beyond the first plane": {"kind": "text", "text": "a" * 9_999 + "🩺"},
    }
    wrong: dict[str, dict[str, Any]] = {
        "an empty text": {"kind": "text", "text": ""},
        "an edit of nothing": {"kind": "edit", "text": "Anders gezegd"},
        "a recall with a text": {"kind": "recall", "to": MESSAGE_ID, "text": "Toch niet"},
        "a text that is too long": {"kind": "text", "text": "a" * 10_001},
        "a question without its form": {"kind": "question", "text": "Hartfalen?"},
        "a question without answers": {"kind": "question", "question": QUESTION | {"answers": []}},
        "a question with an empty answer": {"kind": "question", "question": answered("")},
        "an answer that is too long": {"kind": "question", "question": answered("a" * 4_001)},
        "a form of version nought": {"kind": "question", "question": QUESTION | {"version": 0}},
        "a form with a name in capitals": {"kind": "question", "question": QUESTION | {"form": "Algemeen"}},
        "a question that is null": {"kind": "text", "text": "Ja", "question": None},
        "an e-consult without its questionnaire": {"kind": "econsult", "text": "Mag hij naar school?"},
        "an e-consult without answers": {"kind": "econsult", "intake": INTAKE | {"answers": []}},
        "an e-consult of no urgency that there is": {"kind": "econsult", "intake": INTAKE | {"urgency": "U6"}},
        "an e-consult without urgency": {"kind": "econsult", "intake": INTAKE | {"urgency": None}},
        "an answer to no question": {
            "kind": "econsult",
            "intake": INTAKE | {"answers": [{"choice": "ja", "label": "Is er koorts?", "value": "Ja"}]},
        },
        "a conclusion without words": {"kind": "conclusion"},
        "no kind": {"text": "Ja"},
        "a kind in capitals": {"kind": "TEXT", "text": "Ja"},
        "eleven attachments": {"kind": "text", "attachments": [described] * 11},
        "an attachment of another type": {"kind": "text", "attachments": [described | {"type": "text/html"}]},
        "an attachment of 21 MB": {"kind": "text", "attachments": [described | {"size": 21 * 1024 * 1024}]},
        "an attachment without a name": {"kind": "text", "attachments": [described | {"name": ""}]},
    }
    for what, content in (right | wrong).items():
        payload = json.dumps(json.loads(encode(message())) | {"content": content}, ensure_ascii=False).encode()
        box = envelope(cases, what, payload)
        if what in wrong:
            cases.rejects(f"content: {what}", "open_message", Reason.MALFORMED, **given(), envelope=box)
        else:
            out = opened(payload, msgspec.convert(content, Content))
            cases.gives(f"content: {what}", "open_message", out, **given(), envelope=box)


def envelopes(cases: Cases) -> None:
    payload = encode(message())
    signed = statements.sign_compact(messages.TYP, payload, device_seed(ANNA))
    header, body, _ = signed.split(".")
    box = envelope(cases, "to be damaged", payload)
    parts = box.split(".")
    cut = ".".join([*parts[:3], parts[3][:400], parts[4]])
    turned = ".".join([*parts[:3], b64(flipped(unb64(parts[3]), 9)), parts[4]])
    resigned = statements.sign_compact(messages.TYP, payload, device_seed(CORA))
    wrong: dict[str, tuple[Reason, str]] = {
        "truncated": (Reason.UNOPENABLE, cut),
        "with a bit turned": (Reason.UNOPENABLE, turned),
        "signed again by a device nobody knows": (
            Reason.UNKNOWN_SIGNER,
            locked(cases, "resigned", padded(resigned.encode())),
        ),
        "with another's signature": (
            Reason.BAD_SIGNATURE,
            locked(cases, "other signature", padded(f"{header}.{body}.{resigned.split('.')[2]}".encode())),
        ),
        "unpadded": (Reason.MALFORMED, locked(cases, "unpadded", signed.encode())),
        "not in ASCII": (Reason.MALFORMED, locked(cases, "not ASCII", padded(signed.encode() + b"\xe9"))),
        "of another type inside": (Reason.WRONG_TYPE, envelope(cases, "type", payload, typ="balie-other+jws")),
        "too large": (Reason.MALFORMED, "A" * (messages.ENVELOPE_MAX + 1)),
        "with one member more": (
            Reason.MALFORMED,
            envelope(cases, "member", json.dumps(json.loads(payload) | {"extra": 1}).encode()),
        ),
    }
    for what, (reason, text) in wrong.items():
        cases.rejects(f"an envelope {what}", "open_message", reason, **given(), envelope=text)


def again(cases: Cases) -> None:
    asked = given() | {"envelope": envelope(cases, "once more", encode(message()))}
    own = opened(encode(message()), message().content)["name"]
    cases.gives("new", "is_new", out=True, **asked, known={})
    cases.gives("the same again", "is_new", out=False, **asked, known={MESSAGE_ID: own})
    cases.rejects("other content under an id we know", "is_new", Reason.REPLAYED, **asked, known={MESSAGE_ID: NAMED})


def attachment(cases: Cases) -> tuple[bytes, Attachment]:
    """A file, and what a message says of it."""

    def make_it() -> bytes:
        file, described = attachments.seal_attachment(PDF, media_type="application/pdf", name="uitslag.pdf")
        return described.identity.encode() + file

    kept = cases.kept.data("attachment", [PDF], make_it)
    identity, file = kept[:74].decode(), kept[74:]
    digest = attachments.sha256(file).digest()
    return file, Attachment(
        identity=identity, hash=b64(digest), size=len(PDF), type="application/pdf", name="uitslag.pdf"
    )


def files(cases: Cases, file: bytes, described: Attachment) -> None:
    asked = {"file": b64(file), "described": shown_content(described)}
    cases.gives("an attachment", "open_attachment", b64(PDF), **asked)
    damaged = flipped(file, -1)
    stranger = str(pyrage.x25519.Identity.from_str(described.identity)).replace("Q", "P", 1)

    def changed(**members: Any) -> dict[str, Any]:
        return {"described": asked["described"] | members}

    wrong: dict[str, tuple[Reason, dict[str, Any]]] = {
        "with a bit turned": (Reason.WRONG_ATTACHMENT, {"file": b64(damaged)}),
        "with a bit turned, and its hash": (
            Reason.UNOPENABLE,
            {"file": b64(damaged)} | changed(hash=b64(attachments.sha256(damaged).digest())),
        ),
        "truncated, and its hash": (
            Reason.UNOPENABLE,
            {"file": b64(file[:-1])} | changed(hash=b64(attachments.sha256(file[:-1]).digest())),
        ),
        "of another size": (Reason.WRONG_ATTACHMENT, changed(size=len(PDF) + 1)),
        "of another type": (Reason.WRONG_ATTACHMENT, changed(type="image/png")),
        "with an identity that is none": (Reason.UNOPENABLE, changed(identity=stranger)),
    }
    for what, (reason, bent) in wrong.items():
        cases.rejects(f"an attachment {what}", "open_attachment", reason, **asked | bent)
