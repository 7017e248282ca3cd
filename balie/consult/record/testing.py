"""Builders for tests: a conversation that is destroyed as its practice would. Not for production code."""

from django.db import connections
from django.utils import timezone

from balie.consult.models import Destruction, Group, Keeper
from balie.consult.record.erasing import ask_for_patient, grant
from balie.practices.models import Person
from balie.practices.testing import make_practice


def destroy(conversation: str) -> Destruction | None:
    """On a patient's request, by a practice that keeps it alone: the first person there is asks, the second decides."""
    practice = make_practice()
    Keeper.objects.create(group=Group.objects.get(name=conversation), practice=practice)
    one, other = Person.objects.order_by("pk")[:2]
    asked = {"received": timezone.localdate().isoformat(), "reason": "Brief"}
    ask_for_patient(practice=practice, name=conversation, actor=one, **asked)
    destruction = grant(practice=practice, name=conversation, actor=other)
    connections.close_all()
    return destruction
