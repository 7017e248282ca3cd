"""What one takes out, for programs: a `Bundle` of FHIR R4 (`docs/spec/consult/export.md`), as `bundle.ts` makes it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from balie.consult.client.extract import ECONSULT, UNKNOWN, Asked, Extract, Logged, Party, Practice, Said
from balie.consult.client.fhir import AGB, BSN, message, reference, thread, to_fhir

ASKED: Final = "urn:balie:consultation-kind"
URGENCY: Final = "urn:balie:urgency"
ACT: Final = "urn:balie:act"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
ABSENT: Final = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
# What an act is to FHIR: an event in the life of a record, and create, read, update or execute.
AMENDED: Final = ("amend", "U")
ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "created": ("originate", "C"),
    "read": ("access", "R"),
    "opened": ("access", "R"),
    "exported": ("extract", "R"),
    "unlocked": ("decrypt", "E"),
}
Resource = dict[str, Any]


def bundle(extract: Extract) -> Resource:
    """Of the type `collection`."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": extract.at,
        "entry": [
            {"fullUrl": f"{extract.base}/fhir/{each['resourceType']}/{each['id']}", "resource": each}
            for each in _Maker(extract).resources()
        ],
    }


class _Maker:
    """Knows who everybody is that is named."""

    def __init__(self, extract: Extract) -> None:
        self._extract = extract
        self._parties = {each.member: each for each in extract.parties}

    def resources(self) -> Iterable[Resource]:
        extract = self._extract
        if not extract.own:
            yield self._thread()
        yield from (self._message(each) for each in extract.messages)
        for asked in extract.asked:
            yield from (self._request(asked), self._task(asked))
        yield from (self._event(each) for each in extract.log)
        yield from (_organization(each) for each in extract.practices)
        for party in extract.parties:
            yield from _who(party)

    def _thread(self) -> Resource:
        extract = self._extract
        head = thread(extract.about, recipients=[self._refer(each) for each in extract.members])
        patients = [each for each in extract.members if self._party(each).patient]
        subject = {"subject": self._refer(patients[0])} if len(patients) == 1 else {}
        based = [reference("ServiceRequest", each.id) for each in extract.asked]
        return head | subject | ({"basedOn": based} if based else {})

    def _message(self, said: Said) -> Resource:
        return message(
            name=said.id,
            conversation=self._extract.about,
            kind=said.kind,
            text=said.text,
            sent=said.sent,
            sender=self._refer(said.sender),
            answered=said.answered,
            files=said.files,
            state=said.state,
        )

    def _request(self, asked: Asked) -> Resource:
        gone = asked.moved or asked.withdrawn_at
        status = "revoked" if gone else "completed" if asked.concluded_at else "active"
        urgent = {
            "priority": "urgent" if asked.urgency == "U3" else "routine",
            "category": [{"coding": [{"system": URGENCY, "code": asked.urgency}]}],
        }
        return {
            "resourceType": "ServiceRequest",
            "id": to_fhir(asked.id),
            "status": status,
            "intent": "order",
            "code": {"coding": [{"system": ASKED, "code": asked.kind}]},
            "subject": self._refer(asked.patient) if asked.patient else {"extension": [ABSENT]},
            "authoredOn": asked.asked_at,
            "requester": self._refer(asked.asked_by),
            "performer": [self._refer(asked.asked_of)],
        } | (urgent if asked.kind == ECONSULT else {})

    def _task(self, asked: Asked) -> Resource:
        task: Resource = {
            "resourceType": "Task",
            "id": to_fhir(asked.id),
            "basedOn": [reference("ServiceRequest", asked.id)],
            "status": _standing(asked),
            "intent": "order",
            "authoredOn": asked.asked_at,
            "lastModified": asked.withdrawn_at or asked.concluded_at or asked.picked_up_at or asked.asked_at,
            "requester": self._refer(asked.asked_by),
            "owner": self._refer(asked.holder or asked.asked_of),
            "restriction": {"period": {"end": asked.due_at}},
        }
        period = {"start": asked.picked_up_at, "end": asked.concluded_at}
        if asked.patient:
            task["for"] = self._refer(asked.patient)
        if asked.picked_up_at:
            task["executionPeriod"] = {name: at for name, at in period.items() if at}
        if asked.billing_code:
            task["output"] = [{"type": {"text": "billing-code"}, "valueString": asked.billing_code}]
        return task

    def _event(self, logged: Logged) -> Resource:
        about = self._extract.about
        lifecycle, action = ACTS.get(logged.what, AMENDED)
        chain = {"detail": logged.detail, "previous": logged.previous, "hash": logged.hash}
        told = [{"type": name, "valueString": value} for name, value in chain.items() if value]
        entity: Resource = {"what": self._refer(about) if self._extract.own else reference("Communication", about)}
        return {
            "resourceType": "AuditEvent",
            "id": f"{to_fhir(about.rpartition(':')[2])}.{logged.number}",
            "type": {"system": LIFECYCLE, "code": lifecycle},
            "subtype": [{"system": ACT, "code": logged.what}],
            "action": action,
            "recorded": logged.at,
            "outcome": "0",
            "agent": [{"who": self._refer(logged.who), "requestor": True}],
            "source": {"observer": {"display": "Balie"}},
            "entity": [entity | ({"detail": told} if told else {})],
        }

    def _party(self, member: str) -> Party:
        return self._parties.get(member, Party(member, UNKNOWN))

    def _refer(self, member: str) -> dict[str, str]:
        party = self._party(member)
        if member not in self._parties:
            return {"display": party.name}
        return reference(_kind(party), member.partition(":")[2]) | {"display": party.name}


def _standing(asked: Asked) -> str:
    if asked.moved or asked.withdrawn_at:
        return "cancelled"
    return "completed" if asked.concluded_at else "accepted" if asked.picked_up_at else "requested"


def _kind(party: Party) -> str:
    """Which resource stands for somebody."""
    if party.member.startswith("team:"):
        return "CareTeam"
    if party.patient:
        return "Patient"
    return "PractitionerRole" if party.practice else "Practitioner"


def _organization(practice: Practice) -> Resource:
    return {
        "resourceType": "Organization",
        "id": _of_agb(practice.agb),
        "identifier": [{"system": AGB, "value": practice.agb}],
        "name": practice.name,
    }


def _of_agb(code: str) -> str:
    return f"agb-{code}"


def _who(party: Party) -> Iterable[Resource]:
    kind, name = _kind(party), to_fhir(party.member.partition(":")[2])
    practice = reference("Organization", _of_agb(party.practice)) if party.practice else None
    if kind == "CareTeam":
        team = {"resourceType": kind, "id": name, "name": party.name}
        yield team | ({"managingOrganization": [practice]} if practice else {})
        return
    known = {"identifier": [{"system": BSN, "value": party.bsn}]} if party.bsn else {}
    person = "Patient" if party.patient else "Practitioner"
    yield {"resourceType": person, "id": name, **known, "name": [{"text": party.name}]}
    if kind == "PractitionerRole":
        role = {"resourceType": kind, "id": name, "practitioner": {"reference": f"Practitioner/{name}"}}
        yield role | {"organization": practice}
