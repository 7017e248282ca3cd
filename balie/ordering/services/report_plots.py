"""The plots of a night's report. Each says in words what it shows; the figures are in the report's last table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from balie.lib.plots import BLUE, ORANGE, PLUM, Band, Frame, Line, draw_lines, inline
from balie.ordering.queries.fairness import Fairness
from balie.ordering.queries.report import Minute, Report
from balie.practices.templatetags.balie import clock, number

# About as wide as on a telephone, so that letters are never under 13 pixels.
FRAME = Frame(width=350, height=210, letters=14.5)
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480)
MOST_TICKS = 4
MINUTE_S = 60


@dataclass(frozen=True)
class Picture:
    """A plot by itself, its title, and what it says to who cannot see it."""

    title: str
    says: str
    svg: str

    @property
    def drawing(self) -> SafeString:
        """To stand in a page."""
        return mark_safe(inline(self.svg))  # noqa: S308 - drawn by us, with its words escaped


def draw_night(report: Report) -> list[Picture]:
    """What was given away over time."""
    return [
        _over_time(report.minutes, "orders", _("Bestellingen per minuut"), PLUM, lambda each: each.orders),
        _over_time(report.minutes, "doses", _("Doses per minuut"), BLUE, lambda each: each.doses),
    ]


def draw_room(report: Report) -> list[Picture]:
    """Who came and who waited over time, and the mail."""
    return [
        _over_time(report.minutes, "arrivals", _("Binnengekomen per minuut"), ORANGE, lambda each: each.arrivals),
        _over_time(report.minutes, "waiting", _("Wachtende praktijken"), PLUM, lambda each: each.waiting),
    ]


def draw_mail(report: Report) -> list[Picture]:
    """The mails that were still to go."""
    return [_over_time(report.minutes, "mail", _("Mail in de wachtrij"), ORANGE, lambda each: each.mail_waiting)]


def draw_fairness(fairness: Fairness) -> Picture:
    """The share in the front half, from who came first to who came last; chance alone keeps it in the band."""
    shares = [(at, 100 * part.share) for at, part in enumerate(fairness.by_arrival, start=1)]
    low, high = fairness.band(fairness.by_arrival[-1])
    says = _("In de voorste helft van de nummers, van wie het eerst kwam tot wie het laatst kwam: %(shares)s") % {
        "shares": ", ".join(f"{round(share)}%" for _at, share in shares)
    }
    svg = draw_lines(
        f"fairness-{fairness.position}",
        [Line(points=shares, label="", colour=PLUM)],
        span=(1, len(shares)),
        band=Band(low=100 * low, high=100 * high, label=_("toeval")),
        ticks=[(1, _("eerst")), (len(shares), _("laatst"))],
        top=100,
        frame=FRAME,
    )
    return Picture(_("In de voorste helft (%), naar aankomst"), says, svg)


def _over_time(
    minutes: Sequence[Minute], name: str, title: str, colour: str, value: Callable[[Minute], int]
) -> Picture:
    points = [(float(at * MINUTE_S), float(value(minute))) for at, minute in enumerate(minutes)]
    highest = max(minutes, key=value)
    words = {"title": title, "highest": number(value(highest)), "time": clock(highest.at)}
    svg = draw_lines(
        name,
        [Line(points=points, label="", colour=colour, filled=True)],
        span=(0, max(MINUTE_S, points[-1][0])),
        ticks=_ticks(minutes),
        frame=FRAME,
    )
    return Picture(title, _("%(title)s: hoogste %(highest)s, om %(time)s") % words, svg)


def _ticks(minutes: Sequence[Minute]) -> list[tuple[float, str]]:
    """Times of day on whole steps, at most four."""
    step = next((each for each in STEPS_MIN if len(minutes) / each <= MOST_TICKS), STEPS_MIN[-1])
    begin = timezone.localtime(minutes[0].at)
    first = -(begin.hour * 60 + begin.minute) % step
    ticks = range(first, len(minutes), step)
    return [(float(at * MINUTE_S), (begin + timedelta(minutes=at)).strftime("%H.%M")) for at in ticks]
