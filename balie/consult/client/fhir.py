"""Conversations as FHIR R4: a `Communication` without payload, and one that is `partOf` it for each message."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

AGB: Final = "http://fhir.nl/fhir/NamingSystem/agb-z"
BSN: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
KIND: Final = "urn:balie:message-kind"  # text, question, conclusion: as the protocol calls them
MESSAGE: Final = "urn:balie:message"
STATE: Final = "urn:balie:message-state"  # edited, recalled, unreadable
CURRENT: Final = ""

STATUS: Final[Mapping[str, str]] = {"recalled": "entered-in-error", "unreadable": "unknown"}


class File(msgspec.Struct, frozen=True):
    """Goes with a message. `path`: where it lies in the archive, if it is there; `size` in bytes."""

    name: str
    type: str
    size: int
    path: str | None = None


def to_fhir(name: str) -> str:
    """A name or id of ours as an id of FHIR."""
    return name.replace("_", ".")


def moment(at: int) -> str:
    """Seconds since 1970."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def reference(kind: str, name: str) -> dict[str, str]:
    return {"reference": f"{kind}/{to_fhir(name)}"}


def thread(name: str, *, recipients: Sequence[dict[str, str]]) -> dict[str, Any]:
    """A conversation; `recipients` refer to who is in it."""
    content: dict[str, Any] = {
        "resourceType": "Communication",
        "id": to_fhir(name),
        "status": "in-progress",
    }
    # FHIR has no empty lists.
    return content | ({"recipient": list(recipients)} if recipients else {})


def message(
    *,
    name: str,
    conversation: str,
    kind: str,
    text: str,
    sent: str,
    sender: dict[str, str],
    answered: str | None,
    files: Sequence[File] = (),
    state: str = CURRENT,
) -> dict[str, Any]:
    """A message somebody sent, as far as it can be read."""
    content: dict[str, Any] = {
        "resourceType": "Communication",
        "id": to_fhir(name),
        "identifier": [{"system": MESSAGE, "value": name}],
        "partOf": [reference("Communication", conversation)],
        "status": STATUS.get(state, "completed"),
        "sent": sent,
        "sender": sender,
    }
    if kind:
        content["category"] = [{"coding": [{"system": KIND, "code": kind}]}]
    if state:
        content["statusReason"] = {"coding": [{"system": STATE, "code": state}]}
    if answered:
        content["inResponseTo"] = [reference("Communication", answered)]
    payload: list[dict[str, Any]] = [{"contentString": text}] if text else []
    payload += [{"contentAttachment": _attachment(each)} for each in files]
    return content | ({"payload": payload} if payload else {})


def _attachment(file: File) -> dict[str, Any]:
    described = {"contentType": file.type, "title": file.name, "size": file.size}
    return described | ({"url": file.path} if file.path else {})
