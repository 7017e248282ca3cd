"""A promise is chased five minutes before it is due, by its owner's own channels, and escalated to everybody when it is
due. Each step is one guarded update in one transaction with the page that it sends.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from balie.ops.incidents.models import Happening, Promise
from balie.ops.incidents.telling import note
from balie.ops.oncall.models import Page
from balie.ops.oncall.paging import begin, confirmed, resolve
from balie.ops.oncall.team import Team, told
from balie.ops.router import DATABASE

BEFORE: Final = timedelta(minutes=5)


def tend(team: Team | None, now: datetime) -> None:
    """Every step whose time has come. Without a team nobody is told, and the public still sees what was missed."""
    for promise in Promise.objects.filter(answered_at=None, escalated_at=None, due_at__lte=now + BEFORE):
        with transaction.atomic(using=DATABASE):
            if promise.due_at <= now:
                _escalate(promise, team, now)
            else:
                _chase(promise, team, now)


def claim(promise: Promise, step: str, now: datetime) -> bool:
    """Whether this step is ours to take: nobody took it, and nobody answered meanwhile."""
    return Promise.objects.filter(pk=promise.pk, answered_at=None, **{step: None}).update(**{step: now}) == 1


def _chase(promise: Promise, team: Team | None, now: datetime) -> None:
    if claim(promise, "chased_at", now):
        note(promise.incident, Happening.What.CHASED, now, promise=promise.pk)
        if team:
            _page(promise, "near", _owner(promise, team, now), now)


def _escalate(promise: Promise, team: Team | None, now: datetime) -> None:
    if claim(promise, "escalated_at", now):
        note(promise.incident, Happening.What.MISSED, now, promise=promise.pk)
        for page in Page.objects.filter(subject=f"promise:{promise.pk}:near", resolved_at=None):
            resolve(page, now, now)
        if team:
            _page(promise, "late", team.everybody(), now)


def _owner(promise: Promise, team: Team, now: datetime) -> list[dict[str, Any]]:
    owner = team.people.get(promise.owner)
    if owner is None:
        return team.snapshot(now, team.refused(confirmed()))[:1]
    return [{"after_s": 0, "rota": "", "people": [told(owner)]}]


def _page(promise: Promise, how: str, levels: list[dict[str, Any]], now: datetime) -> None:
    incident = promise.incident
    about = {"how": how, "due": promise.due_at.isoformat(), "incident": incident.pk, "number": incident.number}
    begin(Page.Kind.PROMISE, f"promise:{promise.pk}:{how}", about, levels, now)
