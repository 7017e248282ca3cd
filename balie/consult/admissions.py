"""Who lost their keys asks two colleagues to admit new ones (`docs/spec/consult/keys.md`, "Admission").

What is kept here admits nobody: two administrators sign, and statements are judged when they come in.
"""

from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from balie.consult.models import Admission, Identity
from balie.consult.protocol.statements import Statement
from balie.practices.models import Person

SIGNATURES_MOST = 8


def ask_admission(*, person: Person, signed: Statement) -> bool:
    """Instead of what they asked before. False when they have no keys that could be replaced."""
    identity = Identity.objects.filter(person=person).exclude(known="").first()
    if identity is None:
        return False
    asked = {"signed": msgspec.json.encode(signed).decode(), "asked_at": timezone.now()}
    Admission.objects.update_or_create(identity=identity, defaults=asked)
    return True


def end_admission(*, person: Person) -> None:
    """They have their new key, or want none."""
    Admission.objects.filter(identity__person=person).delete()


@transaction.atomic
def sign_admission(*, person: Person, asker: str, payload: str, signature: dict[str, str]) -> bool:
    """A colleague vouches for what somebody asks. False when nobody of a team of theirs asks this now."""
    asked = _of_colleagues(person).select_for_update(of=("self",)).filter(identity=asker).first()
    if asked is None:
        return False
    signed = msgspec.json.decode(asked.signed)
    if signed["payload"] != payload or len(signed["signatures"]) >= SIGNATURES_MOST:
        return False
    if signature not in signed["signatures"]:
        signed["signatures"].append(signature)
    asked.signed = msgspec.json.encode(signed).decode()
    asked.save(update_fields=["signed"])
    return True


def read_admissions(*, person: Person) -> dict[str, Any]:
    """What this person asks, and what people ask with whom they are in a team."""
    own = Admission.objects.filter(identity__person=person).first()
    others = _of_colleagues(person).select_related("identity__person").order_by("asked_at")
    return {
        "own": msgspec.json.decode(own.signed) if own else None,
        "asked": [
            {"person": each.identity_id, "name": each.identity.person.name, "signed": msgspec.json.decode(each.signed)}
            for each in others
        ],
    }


def _of_colleagues(person: Person) -> Any:
    teams = Identity.objects.filter(person=person).values("memberships__group").filter(memberships__group__kind="team")
    mates = Identity.objects.filter(memberships__group__in=teams).exclude(person=person)
    return Admission.objects.filter(identity__in=mates)
