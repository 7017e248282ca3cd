"""All of a conversation in one file that a passphrase opens (`docs/spec/consult/export.md`); the log tells of it."""

import io
import time
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import pyrage

from balie.consult.client.application import EconsultOf, Extracted, LogLine
from balie.consult.client.bundle import bundle
from balie.consult.client.extract import (
    ECONSULT,
    OWN,
    UNKNOWN,
    WHOLE,
    Asked,
    Extract,
    Logged,
    Party,
    Practice,
    Said,
)
from balie.consult.client.fhir import File, moment
from balie.consult.client.groups import Group
from balie.consult.client.page import page
from balie.consult.client.talk import Talk
from balie.consult.client.world import PERSON
from balie.consult.protocol.messages import Content, Opened

CHANGES: Final = {"edit", "recall"}
ZONE: Final = ZoneInfo("Europe/Amsterdam")
WORDS: Final[Mapping[str, str]] = {
    "lang": "nl",
    "title": "Gesprek uit Balie",
    "own_title": "Logboek van uw sleutels",
    "own_log": "Wat er met uw sleutels gebeurde",
    "own": "bewaarde dit logboek",
    "taken": "Bewaard op",
    "messages": "Berichten",
    "consultations": "Consultaties en e-consulten",
    "log": "Wie dit gesprek opende en las",
    "edited": "gewijzigd",
    "recalled": "teruggetrokken",
    "unreadable": "niet te lezen",
    "question": "Vraag",
    "conclusion": "Conclusie en advies",
    "econsult": "E-consult",
    "consultation": "Consultatie",
    "advice-consult": "Meekijkconsult",
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
    "created": "begon dit gesprek",
    "added": "voegde iemand toe",
    "removed": "haalde iemand weg",
    "group-key": "maakte een nieuwe sleutel",
    "read": "las nieuwe berichten",
    "opened": "opende dit gesprek",
    "exported": "bewaarde een bestand",
    "whole": "bewaarde het hele gesprek",
    "consult-asked": "vroeg een consultatie aan",
    "consult-picked-up": "pakte de consultatie op",
    "consult-handed-over": "droeg de consultatie over",
    "consult-concluded": "rondde de consultatie af",
    "consult-withdrawn": "trok de consultatie in",
    "person-key": "u maakte of vernieuwde uw sleutel",
    "device": "er kwam een apparaat bij",
    "device-revoked": "een apparaat werd ingetrokken",
    "share-set": "de sleutelservers kregen nieuwe delen",
    "passkey": "er kwam een passkey bij",
    "passkey-revoked": "een passkey werd ingetrokken",
    "trustees": "u koos collega’s die u toelaten",
    "unlocked": "uw sleutel werd op een apparaat geopend",
    "cleared": "u zocht een melding uit",
    "econsult-sent": "stuurde het e-consult",
    "econsult-picked-up": "pakte het e-consult op",
    "econsult-handed-over": "droeg het e-consult over",
    "econsult-closed": "sloot het e-consult af",
    "record-held": "liet dit gesprek langer bewaren",
    "record-released": "beëindigde het langer bewaren",
    "record-destroyed": "vernietigde dit gesprek",
    "erasure-asked": "vroeg om dit gesprek te vernietigen",
    "erasure-granted": "besloot dat dit gesprek vernietigd mag worden",
    "erasure-refused": "besloot dat dit gesprek moet blijven",
    "erasure-withdrawn": "trok in dat dit gesprek vernietigd wordt",
}


async def take_out(talk: Talk, group: Group, passphrase: str) -> bytes:
    """An age file around a ZIP archive: the page, and the bundle, which name attachments. The log tells of it first.

    Raises ProblemError, UnreachableError.
    """
    return _sealed(await extract_of(talk, group), "gesprek", passphrase)


async def extract_of(talk: Talk, group: Group) -> Extract:
    """A whole conversation, for who makes something else of it. The log tells of it first.

    Raises ProblemError, UnreachableError.
    """
    application = talk.world.application
    await application.tell_exported(group.name, talk.device.device, WHOLE)
    log = await application.log(group.name)
    known = await application.extract(group.name)
    return Extract(
        base=application.base,
        at=moment(int(time.time())),
        about=group.name,
        parties=tuple(_parties(known)),
        practices=tuple(Practice(each.agb, each.name) for each in known.practices),
        members=tuple(group.membership().members),
        messages=tuple(_messages(group)),
        asked=tuple(_asked(known)),
        log=tuple(_logged(each) for each in log),
    )


async def take_out_own_log(talk: Talk, passphrase: str) -> bytes:
    """The same of one's own log: what was done with one's keys. It tells of this itself.

    Raises ProblemError, UnreachableError.
    """
    application = talk.world.application
    await application.tell_exported(None, talk.device.device, OWN)
    name = (await talk.world.contact(talk.world.keyring.person)).name
    extract = Extract(
        base=application.base,
        at=moment(int(time.time())),
        about=talk.me,
        parties=(Party(talk.me, name),),
        members=(talk.me,),
        log=tuple(_logged(each) for each in await application.log(None)),
    )
    return _sealed(extract, "logboek", passphrase)


def _parties(known: Extracted) -> Iterable[Party]:
    for each in known.people:
        yield Party(PERSON + each.person, each.name, None if each.patient else each.practice, patient=each.patient)
    for team in known.teams:
        yield Party(f"team:{team.team}", team.name or UNKNOWN, team.practice)


def _sealed(extract: Extract, name: str, passphrase: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.html", page(extract, WORDS, _when))
        archive.writestr(f"{name}.fhir.json", msgspec.json.format(msgspec.json.encode(bundle(extract)), indent=1))
    sealed: bytes = pyrage.passphrase.encrypt(made.getvalue(), passphrase)
    return sealed


def _when(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(ZONE).strftime("%d-%m-%Y %H.%M")


def _messages(group: Group) -> list[Said]:
    """In their order, with edits and recalls applied: those of the author, and none after a recall."""
    told = {said.message.id: _said(said) for said in group.said() if said.message.content.kind not in CHANGES}
    authors = {each: group.messages[each].message.person for each in told}
    for said in group.said():
        content, changed = said.message.content, told.get(said.message.content.to or "")
        if content.kind not in CHANGES or changed is None or authors[changed.id] != said.message.person:
            continue
        if changed.state != "recalled":
            told[changed.id] = _changed(changed, content)
    return list(told.values())


def _changed(said: Said, by: Content) -> Said:
    if by.kind == "recall":
        return msgspec.structs.replace(said, text="", files=(), state="recalled")
    return msgspec.structs.replace(said, text=by.text, state="edited")


def _said(opened: Opened) -> Said:
    message, content = opened.message, opened.message.content
    return Said(
        id=message.id,
        sent=moment(message.at),
        sender=PERSON + message.person,
        kind=content.kind,
        text=words_of(content),
        answered=content.to,
        files=tuple(File(each.name, each.type, each.size) for each in content.attachments),
    )


def _asking(label: str) -> str:
    return label if label.endswith("?") else f"{label}:"


def words_of(content: Content) -> str:
    """What was said; of a form, each question with what was filled in."""
    form = content.question or content.intake
    answers = [f"{_asking(each.label)} {each.value}" for each in form.answers] if form else []
    return "\n".join(filter(None, [*answers, content.text]))


def _asked(known: Extracted) -> Iterable[Asked]:
    patients = [PERSON + each.person for each in known.people if each.patient]
    for each in known.consultations:
        holder = PERSON + each.holder if each.holder else None
        yield Asked(
            id=each.id,
            kind=each.kind,
            asked_by=PERSON + each.asked_by,
            asked_of=f"team:{each.team}" if each.team else holder or UNKNOWN,
            asked_at=each.asked_at,
            due_at=each.due_at,
            holder=holder,
            picked_up_at=each.picked_up_at,
            concluded_at=each.concluded_at,
            withdrawn_at=each.withdrawn_at,
            billing_code=each.billing_code,
            patient=patients[0] if len(patients) == 1 else None,
        )
    yield from (_econsult(each) for each in known.econsults)


def _econsult(sent: EconsultOf) -> Asked:
    return Asked(
        id=sent.id,
        kind=ECONSULT,
        asked_by=PERSON + sent.patient,
        asked_of=f"team:{sent.team}",
        asked_at=sent.arrived_at,
        due_at=sent.due_at,
        holder=PERSON + sent.holder if sent.holder else None,
        picked_up_at=sent.picked_up_at,
        concluded_at=sent.closed_at,
        patient=PERSON + sent.patient,
        urgency=sent.urgency,
        moved=sent.moved,
    )


def _logged(entry: LogLine) -> Logged:
    return Logged(
        number=entry.number,
        at=entry.at,
        what=entry.what,
        who=PERSON + entry.person,
        detail=entry.detail,
        previous=entry.previous,
        hash=entry.hash,
    )
