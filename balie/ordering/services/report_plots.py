"""The plots of a night's report. Each says in words what it shows; the figures are in the report's last table."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from balie.lib.plots import BLUE, ORANGE, PLUM, Band, Frame, Line, draw_bars, draw_lines, inline
from balie.ordering.queries.fairness import Fairness
from balie.ordering.queries.report import STEP, Day, Minute, Region, Report, Share
from balie.practices.templatetags.balie import clock, number

# About as wide as on a telephone, so that letters are never under 13 pixels.
FRAME = Frame(width=350, height=210, letters=14.5)
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480)
MOST_TICKS = 4
MINUTE_S = 60
FULL = 100  # percent


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


def draw_days(days: Sequence[Day]) -> Picture:
    """How much of each delivery day was ordered, in percents of its doses."""
    bars = [(each.day.strftime("%d-%m"), 100 * each.doses / max(1, each.doses_limit)) for each in days]
    full = sum(1 for _day, share in bars if share >= FULL)
    says = _("Bezetting van %(days)s bezorgdagen; %(full)s zijn vol") % {
        "days": number(len(bars)),
        "full": number(full),
    }
    return Picture(_("Bezetting per dag (%)"), says, draw_bars("days", bars, colour=PLUM, top=100, frame=FRAME))


def draw_full_days(report: Report) -> Picture:
    """How many days nobody could order of any more, over time."""
    moments = sorted(each.full_at for each in report.days if each.full_at is not None)
    return _over_time(
        report.minutes,
        "full",
        _("Volle dagen"),
        ORANGE,
        lambda minute: bisect_right(moments, minute.at + timedelta(seconds=MINUTE_S)),
    )


def draw_regions(regions: Sequence[Region]) -> Picture:
    """Doses by region."""
    bars = [(f"{each.digit}xxx" if each.digit else "?", float(each.doses)) for each in regions]
    says = ", ".join(f"{name}: {number(int(doses))}" for name, doses in bars)
    svg = draw_bars("regions", bars, colour=BLUE, frame=FRAME)
    return Picture(_("Doses per regio"), _("Doses per regio: %(figures)s") % {"figures": says}, svg)


def draw_share(at: int, share: Share) -> Picture:
    """How many practices ordered how much for each hundred patients; `at` is the product's place."""
    counted = dict(share.steps)
    bars = [(str(each * STEP), float(counted.get(each, 0))) for each in range(min(counted), max(counted) + 1)]
    most = max(counted, key=lambda each: counted[each])
    words = {"product": share.name, "from": most * STEP, "to": (most + 1) * STEP}
    says = _("%(product)s: de meeste praktijken bestelden %(from)s tot %(to)s doses per 100 patiënten") % words
    svg = draw_bars(f"share-{at}", bars, colour=PLUM, frame=FRAME)
    return Picture(_("%(product)s: praktijken, naar doses per 100") % {"product": share.name}, says, svg)


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
