"""The report of a night as chapters: the same words, figures and plots for the page and for the PDF."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.ordering.queries.night_practices import NOT_ORDERED, State
from balie.ordering.queries.report import Report, RoundFigures, Spread
from balie.ordering.services.report_chapter import Chapter
from balie.ordering.services.report_fairness import Verdict, tell_fairness
from balie.ordering.services.report_ordered import tell_filling, tell_shares, tell_where
from balie.ordering.services.report_plots import draw_fairness, draw_mail, draw_night, draw_room
from balie.ordering.services.report_tables import Table, tell_days, tell_minutes
from balie.practices.templatetags.balie import clock, clock_seconds, moment, number

PARTS_TO_DRAW = 4


def tell_report(report: Report) -> list[Chapter]:
    """Of a night that has begun; of another only when it opens."""
    if not report.begun:
        return [_opening(report)]
    return [
        _opening(report),
        _given_away(report),
        tell_filling(report),
        tell_where(report),
        tell_shares(report),
        _waiting(report),
        _fairness(report),
        _mail(report),
        _went_wrong(report),
        _absent(report),
        _timeline(report),
        Chapter("cijfers", _("Alle cijfers"), tables=[tell_days(report.days), tell_minutes(report.minutes)]),
    ]


def headline(report: Report) -> str:
    """The night in one sentence."""
    if not report.begun:
        return _("De nacht moet nog beginnen")
    count = report.now["orders"]
    words = {"orders": number(count), "doses": number(report.now["doses"])}
    return ngettext("%(orders)s bestelling, %(doses)s doses", "%(orders)s bestellingen, %(doses)s doses", count) % words


def _opening(report: Report) -> Chapter:
    campaign = report.campaign
    facts = [(_("Wachtkamer open"), moment(campaign.room.doors_at))]
    facts += [
        (_("Opening van %(group)s") % {"group": each.name} if each.name else _("Opening"), moment(each.draw_at))
        for each in report.rounds
    ]
    if report.first_order_at and report.last_order_at:
        facts.append((_("Eerste bestelling"), clock_seconds(report.first_order_at)))
        facts.append((_("Laatste bestelling"), moment(report.last_order_at)))
    facts.append((_("Sluiting"), moment(campaign.closes_at)))
    return Chapter("opening", _("Opening"), facts=facts)


def _given_away(report: Report) -> Chapter:
    now = report.now
    full = sum(1 for day in report.days if day.full_at is not None)
    oversold = now["oversold_days"]
    counted = _("Geteld uit de bestellingen zelf en uit wat nu wordt vastgehouden, per dag, in doses en in adressen.")
    if oversold:
        say = ngettext(
            "Op %(days)s dag is te veel weggegeven.", "Op %(days)s dagen is te veel weggegeven.", oversold
        ) % {"days": number(oversold)}
    else:
        say = _("Op geen enkele dag is te veel weggegeven.")
    facts = [(_("Bestellingen"), number(now["orders"]))]
    if now["orders_auto"]:
        facts.append((_("Waarvan door Balie geplaatst, op verzoek van de praktijk"), number(now["orders_auto"])))
    if report.cancelled:
        facts.append((_("Later geannuleerd, en in geen ander cijfer"), number(report.cancelled)))
    facts += [(_("Doses: %(product)s") % {"product": name}, number(doses)) for name, doses in report.products]
    facts += [
        (_("Doses samen"), _of(now["doses"], now["doses_limit"])),
        (_("Bezorgdagen die vol zijn"), _of(full, len(report.days))),
        (_("Te veel weggegeven"), number(oversold)),
    ]
    return Chapter(
        "uitgegeven",
        _("Wat er is uitgegeven"),
        verdict=Verdict(good=oversold == 0, says=f"{say} {counted}"),
        facts=facts,
        pictures=draw_night(report),
        file="minuten",
    )


def _waiting(report: Report) -> Chapter:
    arrivals = sum(each.arrivals for each in report.rounds)
    facts = [(_("Praktijken in de wachtkamer"), number(arrivals))]
    facts += _told(_("Wachttijd, van opening tot beurt"), report.to_turn)
    facts += _told(_("Van beurt tot bestelling"), report.to_order)
    several = len(report.rounds) > 1
    return Chapter(
        "wachten",
        _("Drukte en wachten"),
        lead=[_("De wachttijd telt vanaf de opening; voor wie later kwam vanaf het binnenkomen.")],
        facts=facts,
        pictures=draw_room(report),
        tables=[_round_table(report.rounds)] if several else [],
    )


def _round_table(rounds: Sequence[RoundFigures]) -> Table:
    rows = [
        (
            each.name,
            clock(each.draw_at),
            number(each.arrivals),
            number(each.called),
            number(each.orders),
            lasting(each.to_turn.median) if each.to_turn else "–",
            lasting(each.to_turn.p90) if each.to_turn else "–",
        )
        for each in rounds
    ]
    columns = [
        _("Groep"),
        _("Opening"),
        _("Binnen"),
        _("Opgeroepen"),
        _("Besteld"),
        _("Wacht, helft"),
        _("Wacht, 9 op 10"),
    ]
    return Table(_("Per groep"), columns, rows)


def _fairness(report: Report) -> Chapter:
    parts = [
        Chapter(
            f"loting-{each.position}",
            each.name or _("De loting"),
            lead=told.lead,
            verdict=told.verdict,
            facts=told.facts,
            pictures=[draw_fairness(each)] if len(each.by_arrival) >= PARTS_TO_DRAW else [],
            tables=told.tables,
        )
        for each in report.fairness
        for told in [tell_fairness(each)]
    ]
    if not parts:
        return Chapter("loting", _("Eerlijkheid van de loting"), lead=[_("Er is nog niet geloot.")])
    return Chapter(
        "loting",
        _("Eerlijkheid van de loting"),
        lead=[
            _(
                "Elk getal hieronder ligt bij een eerlijke loting in 99 van de 100 nachten binnen de genoemde "
                "grenzen. Een getal erbuiten is nog geen fout: het is een reden om te kijken."
            )
        ],
        link=(_("Hoe de loting werkt, en hoe iedereen haar narekent"), "draw"),
        file="loting",
        parts=parts,
    )


def _mail(report: Report) -> Chapter:
    mails = report.mails
    facts = [
        (_("Bevestigingen"), number(sum(mails.values()))),
        (_("Aangenomen door de mailserver"), number(mails["sent"])),
        (_("Nog onderweg"), number(mails["queued"])),
        (_("Teruggekomen"), number(mails["bounced"])),
        (_("Niet te versturen"), number(mails["failed"])),
        *_told(_("Van bestelling tot aangenomen"), report.to_sent),
    ]
    return Chapter(
        "mail",
        _("Mail"),
        lead=[_("Een bestelling staat vast zonder mail. Trage mail houdt niemand op.")],
        facts=facts,
        pictures=draw_mail(report),
        link=(_("Mails die niet aankwamen"), "lost_mails"),
        file="mail",
    )


def _went_wrong(report: Report) -> Chapter:
    heard = report.heard
    stood = _("%(times)s keer, samen %(span)s") % {
        "times": number(report.stood_still),
        "span": lasting(report.stood_still_s),
    }
    lapsed = sum(times for (act, _outcome), times in heard.items() if act == "lapse")
    facts = [
        (_("De klok van Balie stond stil"), stood if report.stood_still else _("niet")),
        (_("Een datum vastgehouden"), number(heard.get(("hold", "held"), 0))),
        (_("De datum was net vol"), number(heard.get(("hold", "full"), 0))),
        (
            _("De tijd ging voorbij, de datum kwam vrij"),
            number(lapsed),
        ),
        (_("Te laat op ‘Bestel definitief’ gedrukt"), number(heard.get(("confirm", "lapsed"), 0))),
    ]
    if report.left_to_balie:
        said = _("Aan Balie overgelaten, maar geen plaats gevonden en geen bestelling")
        facts.append((said, _of(report.not_placed, report.left_to_balie)))
    return Chapter(
        "storingen",
        _("Storingen en wat niet lukte"),
        lead=[
            _("Zolang de klok van Balie stilstaat, verliest niemand tijd."),
            _(
                "Hoe oud de kalender op de schermen was, bewaart Balie niet: elke kalender toont zelf hoe oud haar "
                "cijfers zijn."
            ),
        ],
        facts=facts,
    )


def _absent(report: Report) -> Chapter:
    missing = sum(report.standing.get(state, 0) for state in NOT_ORDERED)
    trial = report.campaign.trial_of is not None
    facts = [(_("Samen"), number(missing))]
    facts += [
        (str(state.label), number(report.standing[state]))
        for state in State
        if state in NOT_ORDERED and report.standing.get(state)
    ]
    return Chapter(
        "niet-besteld",
        _("Wie niet heeft geoefend") if trial else _("Wie niet heeft besteld"),
        facts=facts,
        link=(_("De lijst, met telefoonnummers"), "night_practices"),
    )


def _timeline(report: Report) -> Chapter:
    rows = [
        (
            date_format(timezone.localtime(entry.at), "j b H.i.s"),
            f"{entry.say}: {entry.practice.name}" if entry.practice else entry.say,
            "" if not entry.by else _("organisatie") if entry.by_staff else _("praktijk"),
            entry.reason,
        )
        for entry in report.log
    ]
    columns = [_("Tijd"), _("Wat er gebeurde"), _("Door"), _("Reden")]
    return Chapter(
        "tijdlijn",
        _("Tijdlijn en ingrepen"),
        tables=[Table(_("Tijdlijn"), columns, rows, words=True)],
    )


def _told(label: str, took: Spread | None) -> Iterable[tuple[str, str]]:
    if took is not None:
        words = {"median": lasting(took.median), "p90": lasting(took.p90), "longest": lasting(took.longest)}
        yield label, _("helft binnen %(median)s, 9 van de 10 binnen %(p90)s, langste %(longest)s") % words


def _of(part: int, whole: int) -> str:
    return _("%(part)s van %(whole)s") % {"part": number(part), "whole": number(whole)}


def lasting(seconds: float) -> str:
    """A span as short as it can be told: `0,4 s`, `12 s`, `2 min 5 s`, `1 uur 5 min`."""
    if seconds < 9.95:
        return _("%(seconds)s s") % {"seconds": number_format(seconds, decimal_pos=1)}
    whole = round(seconds)
    if whole < 60:
        return _("%(seconds)s s") % {"seconds": whole}
    if whole < 3600:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": whole // 60, "seconds": whole % 60}
    return _("%(hours)s uur %(minutes)s min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}
