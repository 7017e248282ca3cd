"""What people add to the facts: save, publish, agree on what follows, and say that it was done."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import override

from balie.ops.graph import Graph
from balie.ops.incidents.models import Happening, Incident
from balie.ops.incidents.reports.facts import facts_of
from balie.ops.incidents.reports.models import FollowUp, Report
from balie.ops.incidents.reports.wording import markdown
from balie.ops.incidents.telling import note
from balie.ops.refusing import RefusedError
from balie.ops.router import DATABASE

CHAPTERS: Final = ("happened", "why", "doing")
PARTS: Final = tuple(f"{chapter}_{language}" for chapter in CHAPTERS for language in ("nl", "en"))
LONGEST: Final = 10_000


class ReportError(RefusedError):
    """`going-on`: not over yet; `changed`: somebody saved another version meanwhile; `incomplete`, `too-long`."""


def latest(incident: Incident) -> Report | None:
    """As it was last saved."""
    return incident.reports.order_by("-number").first()


def published(incident: Incident) -> Report | None:
    """What the public reads."""
    return incident.reports.filter(published=True).order_by("-number").first()


def save(incident: Incident, parts: Mapping[str, str], *, after: int, author: str, now: datetime) -> Report:
    """A new version, `after` the one that its writer saw. Raises ReportError."""
    if any(len(parts[name]) > LONGEST for name in PARTS):
        raise ReportError("too-long")
    return _add(incident, after, author=author, at=now, **{name: parts[name].strip() for name in PARTS})


def publish(
    incident: Incident, parts: Mapping[str, str], graph: Graph, *, after: int, author: str, now: datetime
) -> Report:
    """The same, for everybody to read, once the incident is closed. Raises ReportError."""
    if incident.closed_at is None:
        raise ReportError("going-on")
    if not all(parts[name].strip() for name in PARTS):
        raise ReportError("incomplete")
    facts = {}
    for language in ("nl", "en"):
        with override(language):
            facts[f"facts_{language}"] = markdown(facts_of(incident, graph, now))
    with transaction.atomic(using=DATABASE):
        report = save(incident, parts, after=after, author=author, now=now)
        Report.objects.filter(pk=report.pk).update(published=True, **facts)
        note(incident, Happening.What.REPORTED, now, author, report=report.number)
    report.refresh_from_db()
    return report


def _add(incident: Incident, after: int, **given: object) -> Report:
    newest = latest(incident)
    if (newest.number if newest else 0) != after:
        raise ReportError("changed")
    try:
        with transaction.atomic(using=DATABASE):
            return Report.objects.create(incident=incident, number=after + 1, **given)
    except IntegrityError:  # whoever came second
        raise ReportError("changed") from None


@transaction.atomic(using=DATABASE)
def agree(incident: Incident, what: str, *, owner: str, due: date, author: str, now: datetime) -> FollowUp:
    """Something to be done, by somebody, by a day."""
    follow_up = FollowUp.objects.create(incident=incident, what=what, owner=owner, due=due, made_at=now, made_by=author)
    note(incident, Happening.What.AGREED, now, author, action=what)
    return follow_up


@transaction.atomic(using=DATABASE)
def finish(follow_up: FollowUp, *, author: str, now: datetime) -> bool:
    """Whether it is this person who said first that it was done; who did and when stays."""
    mine = FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(done_at=now, done_by=author) == 1
    if mine:
        note(follow_up.incident, Happening.What.DONE, now, author, action=follow_up.what)
    return mine
