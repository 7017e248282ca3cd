"""`export.md`: a conversation as it is taken out."""

import json
from typing import Any

import msgspec

from balie.consult.client.extract import Extract, bundle, page
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.tests.vectors.maker import Cases, secret

TITLE = "Conversations as they are taken out (export.md)"
AT = "2027-01-15T08:00:00Z"
LATER = "2027-01-15T09:30:00.250Z"
WORDS = {
    "lang": "nl",
    "title": "Gesprek",
    "taken": "Bewaard op",
    "messages": "Berichten",
    "consultations": "Consultaties",
    "log": "Wie dit gesprek opende en las",
    "edited": "gewijzigd",
    "recalled": "teruggetrokken",
    "unreadable": "niet te lezen",
    "question": "Vraag",
    "consultation": "Consultatie",
    "asked_by": "Gevraagd door",
    "asked_of": "Gevraagd aan",
    "asked_at": "Gevraagd op",
    "due_at": "Uiterlijk",
    "holder": "Opgepakt door",
    "picked_up_at": "Opgepakt op",
    "concluded_at": "Afgerond op",
    "billing_code": "Declaratiecode",
    "opened": "opende dit gesprek",
    "exported": "bewaarde een bestand",
    "whole": "bewaarde het hele gesprek",
}
PLAIN: dict[str, Any] = {"base": "https://balie.example", "at": LATER, "conversation": b64(secret("taken out"))}


def identified(what: str) -> str:
    return b64(secret(f"taken out {what}", 16)[:16])


def said(what: str, text: str, **more: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"state": "", "answered": None, "files": [], "sender": "Anna de Vries"}
    return about | {"id": identified(what), "sent": AT, "kind": "text", "text": text} | more


def extract(**more: Any) -> dict[str, Any]:
    return {**PLAIN, "members": ["Anna de Vries", "Balieteam"], "messages": [], "consultations": [], "log": []} | more


def asked(what: str, **more: Any) -> dict[str, Any]:
    told = {"kind": "consultation", "asked_by": "Bilal Aydın", "asked_of": "Balieteam", "asked_at": AT, "due_at": LATER}
    empty = dict.fromkeys(("holder", "picked_up_at", "concluded_at", "patient"))
    return {"id": identified(what), **told, **empty, "billing_code": ""} | more


def logged(number: int, what: str, previous: str = "", note: str = "") -> dict[str, Any]:
    detail = json.dumps({"note": note} if note else {})
    told = {"at": LATER, "who": "Emma Visser", "detail": detail, "previous": previous}
    return {"number": number, "what": what, "hash": b64(secret(f"log {number}")), **told}


def _cases() -> dict[str, dict[str, Any]]:
    photo = {"name": 'foto "1" <b>.jpg', "type": "image/jpeg", "size": 1234, "path": "bestanden/1.jpg"}
    letter = {"name": "brief.pdf", "type": "application/pdf", "size": 9, "path": None}
    first = said("first", "Kunt u meekijken? 🩺\n<script>alert('1')</script> & meer")
    held = {"holder": "Emma Visser", "picked_up_at": AT}
    return {
        "nothing was said": extract(),
        "nobody is in it": extract(members=[]),
        "a message and an answer": extract(
            messages=[first, said("second", "Ja.", answered=first["id"], sender="Bilal Aydın")]
        ),
        "with files": extract(messages=[said("files", "", files=[photo, letter])]),
        "edited, recalled and unreadable": extract(
            messages=[
                said("edited", "Toch morgen.", state="edited"),
                said("recalled", "", state="recalled"),
                said("unreadable", "", kind="", state="unreadable"),
            ]
        ),
        "a kind that is called as what every object has": extract(messages=[said("kind", "?", kind="constructor")]),
        "consultaties": extract(
            messages=[said("question", "Klachten: hoest", kind="question")],
            consultations=[
                asked("waits"),
                asked("held", **held, patient="Piet Bakker"),
                asked("done", **held, concluded_at=LATER, billing_code="MC-1", kind="advice-consult"),
            ],
        ),
        "the log": extract(
            log=[
                logged(number, what, "" if number == 1 else "before")
                for number, what in enumerate(
                    ("created", "added", "read", "opened", "exported", "unlocked", "toString"), start=1
                )
            ]
            + [logged(8, "exported", "before", note) for note in ("conversation", "other")]
        ),
    }


def make(cases: Cases) -> None:
    for what, given in _cases().items():
        taken = msgspec.convert(given, Extract)
        cases.gives(f"as FHIR: {what}", "bundle", bundle(taken), extract=given)
        cases.gives(f"to read: {what}", "page", page(taken, WORDS, str), extract=given, words=WORDS)
