"""Fairness of a draw in plain words: a verdict, the numbers under it, and what was expected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign
from balie.ordering.queries.fairness import ENOUGH, Correlation, Fairness, Part, read_fairness
from balie.ordering.services.report_tables import Table
from balie.practices.templatetags.balie import number


@dataclass(frozen=True)
class Verdict:
    """One sentence on whether something is as it should be."""

    good: bool
    says: str


@dataclass(frozen=True)
class Told:
    """One draw in words."""

    lead: Sequence[str]
    verdict: Verdict
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]


def judge_draws(campaign: Campaign) -> list[tuple[Fairness, Verdict]]:
    """Every draw of a campaign so far, with what to think of it."""
    return [(each, judge(each)) for each in read_fairness(campaign)]


def judge(fairness: Fairness) -> Verdict:
    """The whole of it in one or two sentences."""
    if fairness.count == 0:
        return Verdict(good=True, says=_("Niemand was op tijd voor deze loting. Wie later kwam, staat op volgorde."))
    if not fairness.recomputed:
        return Verdict(good=False, says=_("De nummers kloppen niet met het zegel en de lijst. Laat dit uitzoeken."))
    if fairness.count < ENOUGH:
        say = _("De nummers kloppen met het zegel en de lijst. Voor meer loten er te weinig praktijken mee.")
        return Verdict(good=True, says=say)
    says = [
        *_suspicions(fairness.with_arrival, _("Wie vroeg kwam"), _("Wie laat kwam")),
        *_suspicions(fairness.with_size, _("Wie klein is"), _("Wie groot is")),
    ]
    if not says:
        say = _(
            "Eerlijk: het nummer hing niet af van hoe vroeg een praktijk kwam of hoe groot zij is. "
            "Elk nummer is nagerekend."
        )
        return Verdict(good=True, says=say)
    says.append(
        _("Dat gebeurt bij een eerlijke loting in 1 van de 100 nachten. De nummers zelf zijn nagerekend en kloppen.")
    )
    return Verdict(good=False, says=" ".join(says))


def tell_fairness(fairness: Fairness) -> Told:
    facts = [
        (_("Praktijken in de loting"), number(fairness.count)),
        (_("Nagerekend uit zegel, lijst en openbaar getal"), _("klopt") if fairness.recomputed else _("klopt niet")),
        *_fact(_("Samenhang van nummer en aankomst"), fairness.with_arrival),
        *_fact(_("Samenhang van nummer en grootte"), fairness.with_size),
    ]
    trust = _("Er is geen openbaar getal gebruikt: voor de code moet men de organisatie vertrouwen.")
    return Told(
        lead=[] if fairness.has_beacon else [trust],
        verdict=judge(fairness),
        facts=facts,
        tables=[_table(fairness)] if len(fairness.by_arrival) > 1 else [],
    )


def _suspicions(found: Correlation | None, first: str, last: str) -> Sequence[str]:
    if found is None or found.expected:
        return []
    say = _("%(who)s, kreeg vaker een laag nummer dan het toeval meestal geeft.")
    return [say % {"who": first if found.value > 0 else last}]


def _fact(label: str, found: Correlation | None) -> Sequence[tuple[str, str]]:
    if found is None:
        return []
    words = {"value": _signed(found.value), "low": _signed(-found.bound), "high": _signed(found.bound)}
    return [(label, _("%(value)s, verwacht tussen %(low)s en %(high)s") % words)]


def _table(fairness: Fairness) -> Table:
    named = [
        *_named(fairness.by_arrival, _("naar aankomst"), _("eerst binnen"), _("laatst binnen")),
        *_named(fairness.by_size, _("naar grootte"), _("kleinst"), _("grootst")),
    ]
    rows = [(name, number(part.practices), percent(part.share), _between(fairness, part)) for name, part in named]
    columns = [_("Praktijken"), _("Aantal"), _("In de voorste helft"), _("Verwacht")]
    return Table(_("Wie kreeg een nummer in de voorste helft?"), columns, rows)


def _named(parts: Sequence[Part], order: str, first: str, last: str) -> Iterator[tuple[str, Part]]:
    for at, part in enumerate(parts, start=1):
        end = {1: f" ({first})", len(parts): f" ({last})"}.get(at, "")
        yield _("%(order)s, deel %(at)s van %(parts)s") % {"order": order, "at": at, "parts": len(parts)} + end, part


def _between(fairness: Fairness, part: Part) -> str:
    low, high = fairness.band(part)
    return _("%(low)s tot %(high)s") % {"low": percent(low), "high": percent(high)}


def percent(share: float) -> str:
    return f"{round(100 * share)}%"


def _signed(value: float) -> str:
    return ("−" if value < 0 else "+") + number_format(abs(value), decimal_pos=3)
