"""From verdicts to pages and escalations. Each entry of the watch's ledger is dealt with once, in one transaction with
the mark that says so: whatever dies in between, nothing is begun twice and nothing is passed over.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import dropwhile
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from balie.ops.maintenance.windows import covered
from balie.ops.models import Entry
from balie.ops.oncall.hours import office_hours
from balie.ops.oncall.models import NONE, Dealt, Escalation, Notification, Page
from balie.ops.oncall.team import Channel, Person, Team, told
from balie.ops.router import DATABASE

PAGE: Final = "page"
RESOLVED: Final = "resolved"
WORSE: Final = (NONE, "degraded", "stopped")
WITHOUT_EFFECT: Final = (Page.Kind.DIGEST, Page.Kind.TEST)
TEST_AGAIN: Final = timedelta(days=1)
# What may still be told of an escalation: it counts, nobody took it, it is not over, and people suffer.
RUNNING: Final = Q(acknowledged_at=None, page__resolved_at=None) & (
    ~Q(page__effect=NONE) | Q(page__kind__in=WITHOUT_EFFECT)
)


def confirmed() -> set[str]:
    """The fingerprints of channels of which somebody confirmed that a message arrived."""
    pages = Page.objects.filter(kind=Page.Kind.TEST, escalations__acknowledged_at__isnull=False)
    return {about["fingerprint"] for about in pages.values_list("about", flat=True)}


def latest(page: Page) -> Escalation | None:
    """The escalation that counts."""
    return page.escalations.order_by("-round").first()


def running() -> Iterator[Escalation]:
    """Every escalation whose steps are still to come."""
    newer = Escalation.objects.filter(page=OuterRef("page"), round__gt=OuterRef("round"))
    yield from Escalation.objects.filter(RUNNING).exclude(Exists(newer)).select_related("page").order_by("id")


def take_in(team: Team, now: datetime) -> int:
    """Deal with what the ledger has that is new; how many entries that was."""
    mark = Dealt.objects.filter(pk=1).values_list("entry", flat=True).first()
    entries = list(Entry.objects.filter(pk__gt=mark or 0).select_related("verdict").order_by("pk"))
    if entries and mark is None:
        Dealt.objects.get_or_create(pk=1)
    for entry in entries:
        with transaction.atomic(using=DATABASE):
            if Dealt.objects.filter(pk=1, entry__lt=entry.pk).update(entry=entry.pk):
                _deal(entry, team, now)
    return len(entries)


def _deal(entry: Entry, team: Team, now: datetime) -> None:
    page, _ = Page.objects.get_or_create(
        verdict=entry.verdict_id,
        defaults={"subject": f"verdict:{entry.verdict_id}", "kind": Page.Kind.OUTAGE, "began_at": entry.at},
    )
    match entry.what:
        case "closed":
            resolve(page, entry.at, now)
        case "merged":
            _join(page, entry, now)
        case _:
            _update(page, entry, team, now)


def _update(page: Page, entry: Entry, team: Team, now: datetime) -> None:
    newest = latest(page)
    calm = page.effect == NONE or newest is None
    worse = WORSE.index(entry.effect) > WORSE.index(newest.effect if newest and not calm else NONE)
    page.effect, page.culprits, page.word = entry.effect, entry.culprits, entry.word
    page.functions, page.evidence = entry.functions, entry.evidence
    owed = (worse or page.held) and entry.effect != NONE
    page.held = owed and covered(entry.culprits, now)
    page.save()
    if owed and not page.held:
        escalate(page, team.snapshot(now, team.refused(confirmed())), now)


def release(team: Team, now: datetime) -> None:
    """Wake somebody for what maintenance held back, and is not, or no longer, what was announced."""
    for page in Page.objects.filter(held=True, resolved_at=None):
        if not covered(page.culprits, now):
            with transaction.atomic(using=DATABASE):
                page.held = False
                page.about = {**page.about, "overran": True}
                page.save()
                escalate(page, team.snapshot(now, team.refused(confirmed())), now)


def _join(page: Page, entry: Entry, now: datetime) -> None:
    """Another verdict explains this one: they are one outage, with one page. The one that goes on tells both's people
    when it is over; where that verdict has no page yet, this page becomes its page.
    """
    into = entry.verdict.merged_into
    other = Page.objects.filter(verdict=into).first()
    if other is None:
        page.verdict = into
        page.save()
        return
    page.joined = other
    resolve(page, entry.at, now)


def escalate(page: Page, levels: list[dict[str, Any]], now: datetime, *, by: str = "") -> Escalation:
    """Begin with the first of these levels; what ran before is over."""
    newest = latest(page)
    return Escalation.objects.create(
        page=page,
        round=newest.round + 1 if newest else 1,
        began_at=now,
        effect=page.effect,
        levels=levels,
        passed_on_by=by,
    )


def resolve(page: Page, at: datetime, now: datetime) -> None:
    """It is over, and whoever was told of it is told so, by the same channels."""
    page.resolved_at = at
    page.save()
    newest = latest(page)
    if newest is None:
        return
    paged = Notification.objects.filter(
        Q(escalation__page=page) | Q(escalation__page__joined=page), what=PAGE, claimed_at__isnull=False
    )
    Notification.objects.bulk_create(
        [
            Notification(escalation=newest, what=RESOLVED, step=0, person=person, channel=channel, due_at=now)
            for person, channel in sorted(set(paged.values_list("person", "channel")))
        ],
        ignore_conflicts=True,
    )


def acknowledge(page: Page, person: str, now: datetime) -> bool:
    """Whether this person took it: the first who says so. Stops every step that is still to come."""
    newest = latest(page)
    if newest is None:
        return False
    mine = Escalation.objects.filter(pk=newest.pk, acknowledged_at=None)
    return mine.update(acknowledged_at=now, acknowledged_by=person) == 1


@transaction.atomic(using=DATABASE)
def pass_on(page: Page, person: str, now: datetime) -> bool:
    """Tell the next level now; whether there is anybody else, and it is not over."""
    newest = latest(page)
    if newest is None or page.resolved_at:
        return False
    levels = after(newest, person, now)
    if levels:
        escalate(page, levels, now, by=person)
    return bool(levels)


def after(escalation: Escalation, person: str, now: datetime) -> list[dict[str, Any]]:
    """Who comes after `person`, the next at once: the levels that are still to come, or else all of them again."""
    passed_s = (now - escalation.began_at).total_seconds()
    ahead = [level for level in escalation.levels if level["after_s"] > passed_s]
    for levels in (ahead, escalation.levels):
        rest = list(dropwhile(lambda level: {each["person"] for each in level["people"]} == {person}, levels))
        if rest:
            return [level | {"after_s": level["after_s"] - rest[0]["after_s"]} for level in rest]
    return []


def watch_rotas(team: Team, now: datetime) -> None:
    """A rota without anybody on call is a fault of its own; its page is over when somebody is."""
    for key in dict.fromkeys(level.rota for level in team.levels):
        empty = not team.rotas[key].on_call(now)
        page = Page.objects.filter(kind=Page.Kind.NOBODY, about={"rota": key}, resolved_at=None).first()
        if empty and page is None:
            with transaction.atomic(using=DATABASE):
                subject = f"nobody:{key}:{now.isoformat()}"
                begin(Page.Kind.NOBODY, subject, {"rota": key}, team.everybody(), now)
        elif page and not empty:
            with transaction.atomic(using=DATABASE):
                resolve(page, now, now)


def begin(
    kind: Page.Kind, subject: str, about: dict[str, Any], levels: list[dict[str, Any]], now: datetime
) -> Page | None:
    """A page that no verdict is behind; None where this subject has one already."""
    effect = NONE if kind in WITHOUT_EFFECT else "degraded"
    page, new = Page.objects.get_or_create(
        subject=subject, defaults={"kind": kind, "effect": effect, "about": about, "began_at": now}
    )
    if not new:
        return None
    escalate(page, levels, now)
    return page


def send_tickets(team: Team, now: datetime) -> None:
    """From 08:30 on working days, and once an hour at most: one message about whatever woke nobody, to whoever is on
    call then, by the first of their channels.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    Page.objects.filter(kind=Page.Kind.DIGEST, resolved_at=None, began_at__lt=hour).update(resolved_at=now)
    tickets = Page.objects.filter(kind=Page.Kind.OUTAGE, digest=None, escalations=None, joined=None, held=False)
    if not office_hours(now) or not tickets.exists():
        return
    first = team.snapshot(now)[0]
    people = [person | {"channels": person["channels"][:1]} for person in first["people"]]
    with transaction.atomic(using=DATABASE):
        page = begin(Page.Kind.DIGEST, f"tickets:{hour.isoformat()}", {}, [first | {"people": people}], now)
        if page:
            tickets.update(digest=page)


def send_tests(team: Team, known: Collection[str], now: datetime) -> None:
    """Every channel that nobody confirmed gets a message that asks for it; again on each working day."""
    asked = {
        f"test:{person.key}:{channel.name}:{channel.fingerprint}": (person, channel)
        for person in team.members()
        for channel in person.channels
        if channel.fingerprint not in known
    }
    open_tests = Page.objects.filter(kind=Page.Kind.TEST, resolved_at=None)
    open_tests.exclude(subject__in=asked).update(resolved_at=now)  # confirmed, or no longer in the file
    for subject, (person, channel) in asked.items():
        with transaction.atomic(using=DATABASE):
            _send_test(subject, person, channel, now)


def _send_test(subject: str, person: Person, channel: Channel, now: datetime) -> None:
    levels = [{"after_s": 0, "rota": "", "people": [told(person) | {"channels": [channel.name]}]}]
    about = {"channel": channel.name, "fingerprint": channel.fingerprint}
    if begin(Page.Kind.TEST, subject, about, levels, now):
        return
    page = Page.objects.get(subject=subject)
    newest = latest(page)
    if newest and now - newest.began_at >= TEST_AGAIN and office_hours(now):
        escalate(page, levels, now)
