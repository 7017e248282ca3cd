"""What pages show of switches."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from balie.practices.functions.models import By, Call, Function, Notice, Switch
from balie.practices.functions.picture import strength
from balie.practices.functions.words import REASONS, say_closed, title_of
from balie.practices.models import Practice
from balie.practices.templatetags.balie import moment

NOTICES_MOST = 20
SET_UP_MOST = 500


@dataclass(frozen=True)
class Look:
    """A function as somebody sees it. `closes` is the switch that keeps it closed; `own` the one that this is about,
    None where nobody ever touched it.
    """

    function: str
    practice: Practice | None
    own: Switch | None
    closes: Switch | None

    @property
    def elsewhere(self) -> bool:
        """Closed by a decision about everybody, while this is about one."""
        return self.closes is not None and self.practice is not None and self.closes.practice_id is None

    @property
    def why(self) -> str:
        """Who or what decided, and since when."""
        switch = self.closes or (self.own if self.own and self.own.decided_by == By.HAND else None)
        if switch is None:
            return ""
        since = {"since": moment(switch.since), "reason": str(REASONS.get(switch.reason, "")).lower()}
        if switch.decided_by == By.HAND and switch.closed:
            return _("Met de hand gesloten op %(since)s: %(reason)s.") % since
        if switch.decided_by == By.HAND:
            return _("Met de hand opengezet op %(since)s. Storing en openingstijden sluiten dit niet.") % since
        if switch.decided_by == By.RULE:
            return _("Vanzelf gesloten op %(since)s, door een storing.") % since
        return _("Gesloten volgens de openingstijden.")

    @property
    def until(self) -> str:
        """When it opens by itself, where that is known."""
        switch = self.closes
        return moment(switch.until) if switch and switch.until else ""


def look_at(function: str, practice: Practice | None = None, campaign: int | None = None) -> Look:
    own = Switch.objects.filter(function=function, practice=practice, campaign=campaign).first()
    with connection.cursor() as cursor:
        about = [function, practice.pk if practice else None, campaign]
        cursor.execute("select practices_function_closed_v1(%s, %s, %s)", about)
        (closes,) = cursor.fetchone()
    return Look(function, practice, own, Switch.objects.filter(pk=closes).first() if closes else None)


def set_up() -> list[Look]:
    """What practices have of their own, that is closed or was decided about or has hours: closed ones first."""
    told = Switch.objects.filter(Q(closed=True) | ~Q(decided_by=""), campaign=None).select_related("practice")
    of_all = {each.function: each for each in told if each.practice is None}
    looks = [
        Look(each.function, each.practice, each, _closing(each, of_all.get(each.function)))
        for each in told
        if each.practice is not None
    ]
    looks.sort(key=lambda look: (look.closes is None, look.practice.name if look.practice else "", look.function))
    return looks[:SET_UP_MOST]


def _closing(own: Switch, of_all: Switch | None) -> Switch | None:
    """Which of the two closes, if any: as `practices_function_closed_v1` says."""
    strongest = min((each for each in (own, of_all) if each and (each.closed or each.hand)), key=strength, default=None)
    return strongest if strongest and strongest.closed else None


def notices_for(function: str, practice: Practice | None, campaign: int | None = None) -> Sequence[Notice]:
    """What was told about it, the latest first; to a practice also what was told to everybody."""
    about = Q(switch__practice=practice, switch__campaign=campaign)
    if practice is not None:
        about |= Q(switch__practice=None, switch__campaign=None)
    notices = Notice.objects.filter(about, switch__function=function).select_related("actor", "switch")
    return list(notices.order_by("-at", "-pk")[:NOTICES_MOST])


def calls_for(function: str, practice: Practice | None, campaign: int | None = None) -> Sequence[Call]:
    """Whom they must phone because of the last closing; without a practice, whom the organiser must."""
    about = Q(switch__function=function, closed=True)
    if practice is None:
        about &= Q(switch__campaign=campaign)
    else:
        about &= Q(switch__practice=practice) | Q(switch__practice=None)
    last = Notice.objects.filter(about).order_by("-at", "-pk").first()
    if last is None:
        return []
    calls = last.calls.filter(practice=practice).select_related("phoned_by")
    return list(calls.order_by(F("phoned_at").asc(nulls_first=True), "waits_since", "pk"))


@dataclass(frozen=True)
class Preview:
    """What people would read."""

    title: str
    text: str
    phone: str
    emergency: bool


def preview(function: str, practice: Practice | None, *, reason: str, text: str, phone: str) -> Preview:
    return Preview(
        title=title_of(function, practice.name if practice else ""),
        text=say_closed(function, reason, text),
        phone=phone or (practice.phone if practice else ""),
        emergency=function != Function.ORDERING,
    )
