"""What came of a delivery day, for the organiser's staff and the distributor: what is wrong first, whom to phone."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.lib.csvfile import csv_reply
from balie.ordering.access import access_delivering
from balie.ordering.models import Campaign
from balie.ordering.queries.intakes import TROUBLES, Standing, Taken, read_intakes_of_day
from balie.ordering.views.intake_page import BADGES, name_standing
from balie.practices.access import access_deliveries
from balie.practices.models import Person
from balie.practices.templatetags.balie import day_and_year, moment


@login_required
@require_safe
@never_cache
def delivery_intakes(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """Everything of the day, what is wrong first."""
    person, campaign, rows = _access(request, slug, day)
    counts = [(name_standing(each), sum(row.standing is each for row in rows)) for each in Standing]
    context = {
        "campaign": campaign,
        "section": "night" if person.is_organiser else "deliveries",
        "day": day,
        "title": day_and_year(day),
        "counts": [each for each in counts if each[1]],
        "wrong": [_row(each) for each in rows if each.standing in TROUBLES],
        "rest": [_row(each) for each in rows if each.standing not in TROUBLES],
    }
    return render(request, "ordering/delivery_intakes.html", context)


@login_required
@require_safe
@never_cache
def delivery_intakes_csv(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """The same for a spreadsheet: a row for each vaccine of each delivery."""
    _person, campaign, rows = _access(request, slug, day)
    header = [
        *(_("Bezorging"), _("Bestelling"), _("Praktijk"), _("AGB-code"), _("Telefoon"), _("Adres"), _("Stand")),
        *(_("Vaccin"), _("Besteld"), _("Gekomen"), _("Kapot"), _("Batchnummer")),
        *(_("Graden"), _("Minuten warm"), _("Minuten tot koelkast"), _("Koude keten"), _("Te bereiken")),
        *(_("Waarom laat"), _("Gemeld"), _("Door")),
    ]
    lines = [line for each in rows for line in _lines(each)]
    return csv_reply(f"ontvangst-{campaign.slug}-{day.isoformat()}.csv", header, lines)


def _access(request: HttpRequest, slug: str, day: date) -> tuple[Person, Campaign, list[Taken]]:
    """A day of which nothing was handed over does not exist."""
    person, campaign = access_deliveries(request), access_delivering(slug)
    rows = read_intakes_of_day(campaign, day)
    if not rows:
        raise Http404
    return person, campaign, rows


def _row(each: Taken) -> tuple[Taken, str, str]:
    return each, name_standing(each.standing), BADGES[each.standing]


def _lines(each: Taken) -> list[tuple[object, ...]]:
    about, practice, said = each.consignment, each.consignment.practice, each.intake
    lines = {line.product_id: line for line in each.lines}
    start = (about.pk, about.number, practice.name, practice.agb_code, practice.phone, about.address)
    end: tuple[object, ...] = ("",) * 8
    if said is not None:
        by = said.changed_by or said.said_by
        at = said.changed_at or said.said_at
        measured = (said.temperature, said.warm_minutes, said.fridge_minutes)
        end = (*measured, said.story, said.reach, said.reason, moment(at), by.name)
    found = []
    for one in each.goods:
        line = lines.get(one.product.pk)
        came = (line.received, line.damaged, line.batch_no) if line else ("", "", "")
        found.append((*start, name_standing(each.standing), one.product.name, one.doses, *came, *end))
    return found
