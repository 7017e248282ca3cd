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

from balie.consult.client.application import ConsultationListed, LogLine, ProblemError
from balie.consult.client.extract import WHOLE, Consultation, Extract, Logged, Said, bundle, page
from balie.consult.client.fhir import File, moment
from balie.consult.client.groups import Group
from balie.consult.client.talk import Talk
from balie.consult.client.world import NOT_FOUND, PERSON, World
from balie.consult.protocol.messages import Content, Opened

CHANGES: Final = {"edit", "recall"}
ZONE: Final = ZoneInfo("Europe/Amsterdam")
UNKNOWN: Final = "?"
WORDS: Final[Mapping[str, str]] = {
    "lang": "nl",
    "title": "Gesprek uit Balie",
    "taken": "Bewaard op",
    "messages": "Berichten",
    "consultations": "Consultaties",
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
    "billing_code": "Declaratiecode",
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
    "econsult-sent": "stuurde het e-consult",
    "econsult-picked-up": "pakte het e-consult op",
    "econsult-handed-over": "droeg het e-consult over",
    "econsult-closed": "sloot het e-consult af",
    "record-held": "liet dit gesprek langer bewaren",
    "record-released": "beëindigde het langer bewaren",
}


async def take_out(talk: Talk, group: Group, passphrase: str) -> bytes:
    """An age file around a ZIP archive: the page, and the bundle, which name attachments. The log tells of it first.

    Raises ProblemError, UnreachableError.
    """
    application = talk.world.application
    await application.tell_exported(group.name, talk.device.device, WHOLE)
    log = await application.log(group.name)
    consultations = [each for each in await application.consultations() if each.conversation == group.name]
    authors = [said.message.person for said in group.said()]
    names = await _names(
        talk.world,
        {
            *group.membership().members,
            *(PERSON + each for each in authors),
            *(PERSON + each.person for each in log),
            *(member for each in consultations for member in _members(each)),
        },
    )
    extract = Extract(
        base=application.base,
        at=moment(int(time.time())),
        conversation=group.name,
        members=tuple(names[member] for member in group.membership().members),
        messages=tuple(_messages(names, group)),
        consultations=tuple(_consultation(names, each) for each in consultations),
        log=tuple(_logged(names, each) for each in log),
    )
    sealed: bytes = pyrage.passphrase.encrypt(_archive(extract), passphrase)
    return sealed


async def _names(world: World, members: Iterable[str]) -> dict[str, str]:
    return {member: await _name(world, member) for member in members}


async def _name(world: World, member: str) -> str:
    """What people call this person or team, if one may know it."""
    try:
        if member.startswith(PERSON):
            return (await world.contact(member.removeprefix(PERSON))).name
        return (await world.application.team(member.partition(":")[2], after=0)).name or UNKNOWN
    except ProblemError as problem:
        if problem.code != NOT_FOUND:
            raise
        return UNKNOWN


def _members(asked: ConsultationListed) -> list[str]:
    """Whom a consultatie names."""
    people = [PERSON + each for each in (asked.asked_by, asked.holder) if each]
    return [*people, f"team:{asked.team}"] if asked.team else people


def _archive(extract: Extract) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gesprek.html", page(extract, WORDS, _when))
        archive.writestr("gesprek.fhir.json", msgspec.json.format(msgspec.json.encode(bundle(extract)), indent=1))
    return made.getvalue()


def _when(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(ZONE).strftime("%d-%m-%Y %H.%M")


def _messages(names: Mapping[str, str], group: Group) -> list[Said]:
    """In their order, with edits and recalls applied: those of the author, and none after a recall."""
    told = {said.message.id: _said(names, said) for said in group.said() if said.message.content.kind not in CHANGES}
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


def _said(names: Mapping[str, str], opened: Opened) -> Said:
    message, content = opened.message, opened.message.content
    return Said(
        id=message.id,
        sent=moment(message.at),
        sender=names[PERSON + message.person],
        kind=content.kind,
        text=words_of(content),
        answered=content.to,
        files=tuple(File(each.name, each.type, each.size) for each in content.attachments),
    )


def words_of(content: Content) -> str:
    """What was said; of a form, each question with what was filled in."""
    form = content.question or content.intake
    answers = [f"{each.label}: {each.value}" for each in form.answers] if form else []
    return "\n".join(filter(None, [*answers, content.text]))


def _consultation(names: Mapping[str, str], asked: ConsultationListed) -> Consultation:
    holder = names[PERSON + asked.holder] if asked.holder else None
    return Consultation(
        id=asked.id,
        kind=asked.kind,
        asked_by=names[PERSON + asked.asked_by],
        asked_of=names[f"team:{asked.team}"] if asked.team else holder or UNKNOWN,
        asked_at=asked.asked_at,
        due_at=asked.due_at,
        holder=holder,
        picked_up_at=asked.picked_up_at,
        concluded_at=asked.concluded_at,
        billing_code=asked.billing_code,
    )


def _logged(names: Mapping[str, str], entry: LogLine) -> Logged:
    return Logged(
        number=entry.number,
        at=entry.at,
        what=entry.what,
        who=names[PERSON + entry.person],
        detail=entry.detail,
        previous=entry.previous,
        hash=entry.hash,
    )
