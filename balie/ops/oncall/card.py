"""What somebody on call sees of one page: from rows to words, in their language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from balie.ops.board import BADGES, effect_words, said, title
from balie.ops.evidence import evidence as in_words
from balie.ops.graph import Graph
from balie.ops.oncall.links import GOOD_FOR, Bearer
from balie.ops.oncall.models import Escalation, Notification, Page
from balie.ops.oncall.paging import PAGE, after, latest
from balie.ops.oncall.words import effects, headline
from balie.ops.runbooks import runbook, without_links


@dataclass(frozen=True)
class Card:
    """`taken_by` and `next` are names; `next_at` is when they are told if nobody answers. `missed`: a step did
    not run in time.
    """

    number: str
    is_test: bool
    badge: str
    effect: str
    headline: str
    people: tuple[str, ...]
    since: datetime
    over_at: datetime | None
    taken_by: str
    taken_at: datetime | None
    mine: bool
    next: str
    next_at: datetime | None
    can_pass: bool
    restart: tuple[str, ...]
    books: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str], ...]
    log: tuple[tuple[datetime, str], ...]
    missed: bool
    good_until: datetime


def find_card(bearer: Bearer, graph: Graph, now: datetime) -> tuple[str, Card]:
    """The language of whoever has the link, and what they see. Raises Page.DoesNotExist."""
    page = Page.objects.get(pk=bearer.page)
    newest = latest(page)
    if newest is None:
        raise Page.DoesNotExist
    people = _people(page)
    language, _name = people.get(bearer.person, ("nl", ""))
    return language, _card(page, newest, bearer, graph, now)


def _card(page: Page, newest: Escalation, bearer: Bearer, graph: Graph, now: datetime) -> Card:
    names = {key: name for key, (_language, name) in _people(page).items()}
    following = after(newest, bearer.person, now)
    ahead = [step for step in newest.levels if now < newest.began_at + timedelta(seconds=step["after_s"])]
    books = [book for name in _runbooks(page, graph) if (book := runbook(name))]
    return Card(
        number=page.number,
        is_test=page.kind == Page.Kind.TEST,
        badge="ok" if page.resolved_at else BADGES[page.effect],
        effect=_("Voorbij") if page.resolved_at else effect_words()[page.effect],
        headline=headline(page, graph),
        people=tuple(effects(page, graph)),
        since=page.began_at,
        over_at=page.resolved_at,
        taken_by=names.get(newest.acknowledged_by, newest.acknowledged_by),
        taken_at=newest.acknowledged_at,
        mine=newest.acknowledged_by == bearer.person,
        next=_names(ahead[0]) if ahead else "",
        next_at=newest.began_at + timedelta(seconds=ahead[0]["after_s"]) if ahead else None,
        can_pass=bool(following),
        restart=tuple(said(book.head.restart) for book in books),
        books=tuple((said(book.head.title), without_links(said(book.html))) for book in books),
        evidence=tuple((title(graph, name), in_words(seen)) for name, seen in page.evidence),
        log=tuple(sorted(_log(page, names))),
        missed=Page.objects.filter(kind=Page.Kind.MISSED, about__page=page.pk).exists(),
        good_until=now + GOOD_FOR,
    )


def _people(page: Page) -> dict[str, tuple[str, str]]:
    """Everybody in any of its escalations: language and name."""
    return {
        person["person"]: (person["language"], person["name"])
        for escalation in page.escalations.all()
        for level in escalation.levels
        for person in level["people"]
    }


def _runbooks(page: Page, graph: Graph) -> list[str]:
    return list(dict.fromkeys(graph.nodes[name].runbook for name in page.culprits if name in graph.nodes))


def _names(level: dict[str, list[dict[str, str]]]) -> str:
    return ", ".join(person["name"] for person in level["people"])


def _log(page: Page, names: dict[str, str]) -> Iterator[tuple[datetime, str]]:
    """What was done, and what became of it."""
    yield page.began_at, _("Begonnen")
    for escalation in page.escalations.all():
        if escalation.passed_on_by:
            who = names.get(escalation.passed_on_by, escalation.passed_on_by)
            yield escalation.began_at, _("%(who)s gaf het door") % {"who": who}
        if escalation.acknowledged_at:
            who = names.get(escalation.acknowledged_by, escalation.acknowledged_by)
            yield escalation.acknowledged_at, _("%(who)s pakte het op") % {"who": who}
        for each in escalation.notifications.filter(what=PAGE, claimed_at__isnull=False):
            assert each.claimed_at is not None
            said_of = {"who": names.get(each.person, each.person), "channel": each.channel}
            yield each.claimed_at, _sent(each.outcome) % said_of
    if page.resolved_at:
        yield page.resolved_at, _("Opgelost")


def _sent(outcome: str) -> str:
    match outcome:
        case Notification.Outcome.SENT:
            return _("%(who)s: %(channel)s verzonden")
        case Notification.Outcome.REFUSED:
            return _("%(who)s: %(channel)s geweigerd")
        case Notification.Outcome.UNKNOWN:
            return _("%(who)s: %(channel)s misschien verzonden")
    return _("%(who)s: %(channel)s onderweg")
