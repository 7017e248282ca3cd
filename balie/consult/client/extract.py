"""A conversation as one takes it out: for programs as a FHIR R4 `Bundle`, for people as a page.

`docs/spec/consult/export.md`; `extract.ts` makes the same. Times are in RFC 3339, names are those that people read.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

import msgspec

from balie.consult.client.fhir import File, message, reference, thread, to_fhir

CONSULTATION: Final = "urn:balie:consultation-kind"
ACT: Final = "urn:balie:act"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
UNKNOWN: Final = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
# What an act is to FHIR: an event in the life of a record, and create, read, update or execute.
WHOLE: Final = "conversation"  # what the log notes of a conversation that was taken out whole
AMENDED: Final = ("amend", "U")
ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "created": ("originate", "C"),
    "read": ("access", "R"),
    "opened": ("access", "R"),
    "exported": ("extract", "R"),
    "unlocked": ("decrypt", "E"),
}
STYLE: Final = (
    "body{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid;padding:.5rem 0;break-inside:avoid}"
    "h3{font-size:1rem;margin:0}.said{white-space:pre-wrap;overflow-wrap:anywhere}"
)
ALLOWED: Final = "default-src 'none'; style-src 'unsafe-inline'"
When = Callable[[str], str]
"""A time as people read it."""


class Said(msgspec.Struct, frozen=True):
    """A message. `state`: empty, `edited`, `recalled` or `unreadable`."""

    id: str
    sent: str
    sender: str
    kind: str
    text: str
    state: str = ""
    answered: str | None = None
    files: tuple[File, ...] = ()


class Consultation(msgspec.Struct, frozen=True):
    """`asked_of` is the team or the person who was asked, `patient` the name of whom it is about, if one knows."""

    id: str
    kind: str
    asked_by: str
    asked_of: str
    asked_at: str
    due_at: str
    holder: str | None = None
    picked_up_at: str | None = None
    concluded_at: str | None = None
    billing_code: str = ""
    patient: str | None = None


class Logged(msgspec.Struct, frozen=True):
    """A line of the log, with its place in the chain."""

    number: int
    at: str
    what: str
    who: str
    detail: str
    previous: str
    hash: str


class Extract(msgspec.Struct, frozen=True):
    """`base`: the address of the Balie that it comes from."""

    base: str
    at: str
    conversation: str
    members: tuple[str, ...]
    messages: tuple[Said, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    log: tuple[Logged, ...] = ()


def bundle(extract: Extract) -> dict[str, Any]:
    """FHIR R4, of the type `collection`."""
    head = thread(extract.conversation, recipients=extract.members)
    if extract.consultations:
        head["basedOn"] = [reference("ServiceRequest", each.id) for each in extract.consultations]
    resources = [head, *(_message(extract.conversation, each) for each in extract.messages)]
    for each in extract.consultations:
        resources += [_request(each), _task(each)]
    resources += [_event(extract.conversation, each) for each in extract.log]
    entries = [
        {"fullUrl": f"{extract.base}/fhir/{each['resourceType']}/{each['id']}", "resource": each} for each in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": extract.at, "entry": entries}


def _message(conversation: str, said: Said) -> dict[str, Any]:
    return message(
        name=said.id,
        conversation=conversation,
        kind=said.kind,
        text=said.text,
        sent=said.sent,
        sender=said.sender,
        answered=said.answered,
        files=said.files,
        state=said.state,
    )


def _request(asked: Consultation) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": to_fhir(asked.id),
        "status": "completed" if asked.concluded_at else "active",
        "intent": "order",
        "code": {"coding": [{"system": CONSULTATION, "code": asked.kind}]},
        "subject": {"display": asked.patient} if asked.patient else {"extension": [UNKNOWN]},
        "authoredOn": asked.asked_at,
        "requester": {"display": asked.asked_by},
        "performer": [{"display": asked.asked_of}],
    }


def _task(asked: Consultation) -> dict[str, Any]:
    status = "completed" if asked.concluded_at else "accepted" if asked.picked_up_at else "requested"
    task: dict[str, Any] = {
        "resourceType": "Task",
        "id": to_fhir(asked.id),
        "basedOn": [reference("ServiceRequest", asked.id)],
        "status": status,
        "intent": "order",
        "authoredOn": asked.asked_at,
        "lastModified": asked.concluded_at or asked.picked_up_at or asked.asked_at,
        "requester": {"display": asked.asked_by},
        "owner": {"display": asked.holder or asked.asked_of},
        "restriction": {"period": {"end": asked.due_at}},
    }
    period = {"start": asked.picked_up_at, "end": asked.concluded_at}
    if asked.picked_up_at:
        task["executionPeriod"] = {name: at for name, at in period.items() if at}
    if asked.billing_code:
        task["output"] = [{"type": {"text": "billing-code"}, "valueString": asked.billing_code}]
    return task


def _event(conversation: str, logged: Logged) -> dict[str, Any]:
    lifecycle, action = ACTS.get(logged.what, AMENDED)
    chain = {"detail": logged.detail, "previous": logged.previous, "hash": logged.hash}
    told = [{"type": name, "valueString": value} for name, value in chain.items() if value]
    entity: dict[str, Any] = {"what": reference("Communication", conversation)}
    return {
        "resourceType": "AuditEvent",
        "id": f"{to_fhir(conversation)}.{logged.number}",
        "type": {"system": LIFECYCLE, "code": lifecycle},
        "subtype": [{"system": ACT, "code": logged.what}],
        "action": action,
        "recorded": logged.at,
        "outcome": "0",
        "agent": [{"who": {"display": logged.who}, "requestor": True}],
        "source": {"observer": {"display": "Balie"}},
        "entity": [entity | ({"detail": told} if told else {})],
    }


def page(extract: Extract, words: Mapping[str, str], when: When) -> str:
    """HTML that needs nothing from anywhere, and may load nothing. `words`: those of `export.md`, and `lang`."""
    sections = [
        _section(words["messages"], [_article(each, words, when) for each in extract.messages]),
        _section(words["consultations"], [_asked(each, words, when) for each in extract.consultations]),
        _section(
            words["log"],
            [
                f'<p class="said">{escape(f"{when(each.at)} · {each.who} · {_act(each, words)}")}</p>'
                for each in extract.log
            ],
        ),
    ]
    return (
        f'<!doctype html>\n<html lang="{escape(words["lang"])}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(words['title'])}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(words['title'])}</h1>"
        f'<p class="said">{escape(", ".join(extract.members))}</p>'
        f"<p>{escape(words['taken'])} {escape(when(extract.at))}</p>{''.join(sections)}</main></body></html>\n"
    )


def _section(title: str, parts: list[str]) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>" if parts else ""


def _act(logged: Logged, words: Mapping[str, str]) -> str:
    whole = logged.what == "exported" and msgspec.json.decode(logged.detail).get("note") == WHOLE
    return words.get("whole" if whole else logged.what, logged.what)


def _article(said: Said, words: Mapping[str, str], when: When) -> str:
    marks = [said.sender, when(said.sent), words.get(said.kind, ""), words.get(said.state, "")]
    text = f'<p class="said">{escape(said.text)}</p>' if said.text else ""
    files = "".join(_file(each) for each in said.files)
    head = escape(" · ".join(filter(None, marks)))
    return f"<article><h3>{head}</h3>{text}{f'<ul>{files}</ul>' if files else ''}</article>"


def _file(file: File) -> str:
    name = escape(file.name)
    return f'<li><a href="{escape(file.path)}">{name}</a></li>' if file.path else f"<li>{name}</li>"


def _asked(asked: Consultation, words: Mapping[str, str], when: When) -> str:
    told = {
        "asked_by": asked.asked_by,
        "asked_of": asked.asked_of,
        "asked_at": when(asked.asked_at),
        "due_at": when(asked.due_at),
        "holder": asked.holder,
        "picked_up_at": asked.picked_up_at and when(asked.picked_up_at),
        "concluded_at": asked.concluded_at and when(asked.concluded_at),
        "billing_code": asked.billing_code,
    }
    lines = "\n".join(f"{words[name]}: {value}" for name, value in told.items() if value)
    kind = words.get(asked.kind, asked.kind)
    return f'<article><h3>{escape(kind)}</h3><p class="said">{escape(lines)}</p></article>'
