"""`export.md`: a conversation as it is taken out."""

import json
from typing import Any

import msgspec

from balie.consult.client.bundle import bundle
from balie.consult.client.extract import Extract
from balie.consult.client.page import page
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.tests.vectors.maker import Cases, secret

TITLE = "Conversations as they are taken out (export.md)"
AT = "2027-01-15T08:00:00Z"
LATER = "2027-01-15T09:30:00.250Z"
WORDS = {
    "lang": "nl",
    "title": "Gesprek",
    "own_title": "Logboek",
    "own_log": "Uw sleutels",
    "own": "bewaarde dit logboek",
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
    "withdrawn_at": "Ingetrokken op",
    "billing_code": "Declaratiecode",
    "urgency": "Urgentie",
    "moved": "Ging verder bij een andere post",
    "opened": "opende dit gesprek",
    "exported": "bewaarde een bestand",
    "whole": "bewaarde het hele gesprek",
}
PLAIN: dict[str, Any] = {"base": "https://balie.example", "at": LATER, "about": b64(secret("taken out"))}
LINDE = "01054782"


def identified(what: str) -> str:
    return b64(secret(f"taken out {what}", 16)[:16])


def person(name: str) -> str:
    return f"person:{identified(name)}"


def party(member: str, name: str, **more: Any) -> dict[str, Any]:
    return {"member": member, "name": name, "practice": None, "patient": False, "bsn": None} | more


ANNA, BILAL, EMMA, PIET = (person(name) for name in ("Anna", "Bilal", "Emma", "Piet"))
TEAM = f"team:{b64(secret('taken out team'))}"
PARTIES = [
    party(ANNA, "Anna de Vries", practice=LINDE),
    party(BILAL, "Bilal Aydın"),
    party(EMMA, "Emma Visser", practice=LINDE),
    party(PIET, "Piet Bakker", patient=True),
    party(TEAM, "Balieteam", practice=LINDE),
]


def said(what: str, text: str, **more: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"state": "", "answered": None, "files": [], "sender": ANNA}
    return about | {"id": identified(what), "sent": AT, "kind": "text", "text": text} | more


def extract(**more: Any) -> dict[str, Any]:
    who = {"parties": PARTIES, "practices": [{"agb": LINDE, "name": "De Linde"}], "members": [ANNA, TEAM]}
    return {**PLAIN, **who, "messages": [], "asked": [], "log": []} | more


def asked(what: str, **more: Any) -> dict[str, Any]:
    told = {"kind": "consultation", "asked_by": BILAL, "asked_of": TEAM, "asked_at": AT, "due_at": LATER}
    empty = dict.fromkeys(("holder", "picked_up_at", "concluded_at", "withdrawn_at", "patient"))
    return {"id": identified(what), **told, **empty, "billing_code": "", "urgency": "", "moved": False} | more


def logged(number: int, what: str, previous: str = "", note: str = "") -> dict[str, Any]:
    detail = json.dumps({"note": note} if note else {})
    told = {"at": LATER, "who": EMMA, "detail": detail, "previous": previous}
    return {"number": number, "what": what, "hash": b64(secret(f"log {number}")), **told}


def _cases() -> dict[str, dict[str, Any]]:
    photo = {"name": 'foto "1" <b>.jpg', "type": "image/jpeg", "size": 1234, "path": "bestanden/1.jpg"}
    letter = {"name": "brief.pdf", "type": "application/pdf", "size": 9, "path": None}
    first = said("first", "Kunt u meekijken? 🩺\n<script>alert('1')</script> & meer")
    held = {"holder": EMMA, "picked_up_at": AT}
    sent = {"kind": "econsult", "asked_by": PIET, "patient": PIET}
    return {
        "nothing was said": extract(),
        "nobody is in it": extract(members=[], parties=[], practices=[]),
        "somebody nobody knows": extract(parties=[], messages=[first]),
        "a patient, with their BSN": extract(
            parties=[*PARTIES[:3], PARTIES[3] | {"bsn": "123456782"}, PARTIES[4]], members=[ANNA, PIET, TEAM]
        ),
        "a message and an answer": extract(messages=[first, said("second", "Ja.", answered=first["id"], sender=BILAL)]),
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
            asked=[
                asked("waits"),
                asked("held", **held, patient=PIET),
                asked("done", **held, concluded_at=LATER, billing_code="MC-1", kind="advice-consult"),
                asked("withdrawn", **held, withdrawn_at=LATER),
            ],
        ),
        "e-consults": extract(
            asked=[
                asked("queued", **sent, urgency="U3"),
                asked("closed", **sent, **held, urgency="U4", concluded_at=LATER),
                asked("moved", **sent, urgency="U5", moved=True),
            ]
        ),
        "one's own log": extract(
            about=EMMA,
            members=[EMMA],
            parties=[party(EMMA, "Emma Visser")],
            practices=[],
            log=[logged(1, "person-key"), logged(2, "unlocked", "before"), logged(3, "exported", "before", "log")],
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
