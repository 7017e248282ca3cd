"""FHIR R4 as far as a connector speaks it: `Communication`, in a `Bundle` where there are several.

Conversations and messages are made where every client makes them. What base R4 demands is here; of what it allows, an
unknown member is passed over.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from balie.consult.client.fhir import moment, reference, to_fhir
from balie.consult.protocol.messages import TEXT_MAX

FHIR_JSON: Final = "application/fhir+json"

# An id of FHIR has no `_`, and a name of ours no `.`.
FhirId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.-]{1,64}\Z")]
Thread = Annotated[str, msgspec.Meta(pattern=r"^Communication/[A-Za-z0-9.-]{43}\Z")]
Earlier = Annotated[str, msgspec.Meta(pattern=r"^Communication/[A-Za-z0-9.-]{22}\Z")]


class Identifier(msgspec.Struct, frozen=True):
    """By what the record system knows it again: it gives the same once more when it heard nothing."""

    system: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

    def __str__(self) -> str:
        return f"{self.system}|{self.value}"


class ThreadReference(msgspec.Struct, frozen=True):
    reference: Thread


class EarlierReference(msgspec.Struct, frozen=True):
    reference: Earlier


class Payload(msgspec.Struct, frozen=True, rename="camel"):
    content_string: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]


class NewCommunication(msgspec.Struct, frozen=True, rename="camel"):
    """What a record system gives to be sent: one text, into one conversation."""

    resource_type: Literal["Communication"]
    identifier: Annotated[tuple[Identifier, ...], msgspec.Meta(min_length=1, max_length=1)]
    status: Literal["preparation", "in-progress", "completed"]
    part_of: Annotated[tuple[ThreadReference, ...], msgspec.Meta(min_length=1, max_length=1)]
    payload: Annotated[tuple[Payload, ...], msgspec.Meta(min_length=1, max_length=1)]
    in_response_to: Annotated[tuple[EarlierReference, ...], msgspec.Meta(max_length=1)] = ()

    @property
    def conversation(self) -> str:
        return of_fhir(self.part_of[0].reference)

    @property
    def answered(self) -> str | None:
        return of_fhir(self.in_response_to[0].reference) if self.in_response_to else None


def of_fhir(reference: str) -> str:
    """What a reference, or an id, is called by us."""
    return reference.rpartition("/")[2].replace(".", "_")


def outgoing(
    *,
    name: str,
    conversation: str,
    identifier: str,
    state: str,
    why: str,
    at: int,
) -> dict[str, Any]:
    """What was given to be sent: `in-progress` until it is in the conversation; `not-done` when it will never be."""
    system, _, value = identifier.partition("|")
    status = {"waiting": "in-progress", "sent": "completed", "refused": "not-done"}[state]
    content: dict[str, Any] = {
        "resourceType": "Communication",
        "id": to_fhir(name),
        "identifier": [{"system": system, "value": value}],
        "partOf": [reference("Communication", conversation)],
        "status": status,
        "sent": moment(at),
    }
    return content | ({"statusReason": {"text": why}} if why else {})


def bundle(found: Sequence[dict[str, Any]], *, here: str, further: str | None) -> dict[str, Any]:
    """What a search found; `further` is where the rest of it is, or what comes later."""
    links = [{"relation": "self", "url": here}] + ([{"relation": "next", "url": further}] if further else [])
    entries = [{"resource": each, "search": {"mode": "match"}} for each in found]
    # FHIR has no empty lists.
    return {"resourceType": "Bundle", "type": "searchset", "link": links} | ({"entry": entries} if entries else {})
