"""Opening in groups: a campaign may open for one group of practices after the other, each with a draw of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign, Group
from balie.ordering.rules import Findings
from balie.waitingroom.models import Room
from balie.waitingroom.services import Opening

LONGEST_NAME = 60
MOST_GROUPS = 20


@dataclass(frozen=True)
class GroupRules:
    """A group of practices and when ordering opens for it. All but the last have one criterion, of the same kind.

    `postcodes` are ranges of the digits of the first location's postcode, `registered` is a range of registered
    patients, None for no end; both ends are included. The last group takes everybody who fits no other.
    """

    name: str
    opens_at: datetime
    postcodes: tuple[tuple[int, int], ...] = ()
    registered: tuple[int | None, int | None] | None = None
    agb_codes: tuple[str, ...] = ()

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of those that are given; it should be one."""
        given = {"postcodes": self.postcodes, "registered": self.registered, "agb_codes": self.agb_codes}
        return tuple(name for name, value in given.items() if value)

    @property
    def criterion(self) -> tuple[object, ...]:
        """Who belongs in it, apart from its name and when it opens."""
        return self.postcodes, self.registered, self.agb_codes


def openings_of(groups: Sequence[GroupRules], *, opens_at: datetime) -> list[Opening]:
    """The rounds of the waiting room: one for each group, or one for everybody."""
    return [Opening(group.opens_at, group.name) for group in groups] or [Opening(opens_at)]


def groups_of(campaign: Campaign) -> tuple[GroupRules, ...]:
    """The groups in force; none when the campaign opens for everybody at once."""
    rounds = {each.position: each for each in campaign.room.rounds.all()}
    return tuple(
        GroupRules(
            name=rounds[group.position].name,
            opens_at=rounds[group.position].draw_at,
            postcodes=tuple((each.lower, each.upper - 1) for each in group.postcodes),
            registered=_both_ends(group.registered) if group.registered is not None else None,
            agb_codes=tuple(group.agb_codes),
        )
        for group in campaign.groups.all()
    )


def write_groups(campaign: Campaign, groups: Sequence[GroupRules]) -> None:
    """Keep who belongs in which group, and place every practice by it. The rounds are the waiting room's."""
    campaign.groups.all().delete()
    Group.objects.bulk_create(
        Group(
            campaign=campaign,
            position=position,
            postcodes=[NumericRange(first, last + 1) for first, last in group.postcodes],
            registered=_range(group.registered) if group.registered is not None else None,
            agb_codes=list(group.agb_codes),
        )
        for position, group in enumerate(groups, start=1)
    )
    if groups:
        _place(campaign.pk)
    else:
        campaign.room.placements.all().delete()


@transaction.atomic
def place_practices() -> int:
    """Place all practices anew in campaigns that open in groups, after their data changed; how many places changed.

    Whoever has a ticket stays in its round.
    """
    rooms = Room.objects.filter(campaign__in=Campaign.objects.filter(groups__isnull=False))
    list(rooms.order_by("pk").select_for_update(no_key=True))  # so that nobody joins meanwhile
    return _place(None)


def _place(campaign: int | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select ordering_place_v1(%s, true)", [campaign])
        placed: int = cursor.fetchone()[0]
    return placed


def check_groups(groups: Sequence[GroupRules], findings: Findings, *, opens_at: datetime, closes_at: datetime) -> None:
    """What makes no sense: times out of order, a criterion that is missing, of another kind, or claimed twice."""
    if not groups:
        return
    findings.require(
        2 <= len(groups) <= MOST_GROUPS,
        "groups",
        "range",
        _("Maak 2 tot %(most)s groepen, of geen.") % {"most": MOST_GROUPS},
    )
    names = [group.name.strip() for group in groups]
    findings.require(len(names) == len(set(names)), "groups", "repeated", _("Elke groep heeft een eigen naam."))
    findings.require(
        groups[0].opens_at == opens_at, "groups[0].opens_at", "order", _("De eerste groep begint bij de opening.")
    )
    for at, (before, after) in enumerate(pairwise(groups), start=1):
        findings.require(
            before.opens_at < after.opens_at < closes_at,
            f"groups[{at}].opens_at",
            "order",
            _("Elke groep opent later dan de vorige, en vóór het bestellen sluit."),
        )
    kind = next(iter(groups[0].criteria), "")
    for at, group in enumerate(groups):
        _check_group(group, f"groups[{at}]", findings, kind=kind, is_last=at == len(groups) - 1)
    _check_apart(groups, findings)


def _check_group(group: GroupRules, at: str, findings: Findings, *, kind: str, is_last: bool) -> None:
    findings.require(
        group.name.strip() and len(group.name) <= LONGEST_NAME,
        f"{at}.name",
        "empty",
        _("Geef de groep een naam van hooguit %(most)s tekens.") % {"most": LONGEST_NAME},
    )
    if is_last:
        findings.require(not group.criteria, at, "last", _("De laatste groep is voor alle anderen en heeft geen eis."))
        return
    findings.require(
        group.criteria == (kind,) and kind,
        at,
        "criterion",
        _("Kies voor alle groepen dezelfde eis: postcodes, ingeschreven patiënten of AGB-codes."),
    )
    findings.require(
        all(1000 <= first <= last <= 9999 for first, last in group.postcodes),
        f"{at}.postcodes",
        "range",
        _("Postcodes lopen van 1000 tot en met 9999; begin met de laagste."),
    )
    low, high = group.registered or (None, None)
    findings.require(
        (low is None or low >= 0) and (high is None or high >= (low or 0)),
        f"{at}.registered",
        "range",
        _("Geef het laagste en het hoogste aantal ingeschreven patiënten."),
    )
    findings.require(
        all(len(code) == 8 and code.isascii() and code.isdigit() for code in group.agb_codes),
        f"{at}.agb_codes",
        "format",
        _("Een AGB-code heeft 8 cijfers."),
    )


def _check_apart(groups: Sequence[GroupRules], findings: Findings) -> None:
    """Nobody belongs in two groups: which one would then be a matter of their order, which nobody sees."""
    codes = [code for group in groups for code in group.agb_codes]
    if len(codes) != len(set(codes)):
        findings.add("groups", "overlap", _("Een AGB-code staat in één groep."))
    highest = 10**9
    sizes = [group.registered for group in groups if group.registered is not None]
    if _overlap((low or 0, highest if high is None else high) for low, high in sizes):
        findings.add("groups", "overlap", _("Een aantal ingeschreven patiënten past in één groep."))
    if _overlap(each for group in groups for each in group.postcodes):
        findings.add("groups", "overlap", _("Een postcode hoort bij één groep."))


def _overlap(ranges: Iterable[tuple[int, int]]) -> bool:
    return any(before[1] >= after[0] for before, after in pairwise(sorted(ranges)))


def _both_ends(range_: NumericRange) -> tuple[int | None, int | None]:
    return range_.lower, None if range_.upper is None else range_.upper - 1


def _range(ends: tuple[int | None, int | None]) -> NumericRange:
    low, high = ends
    return NumericRange(low, None if high is None else high + 1)
