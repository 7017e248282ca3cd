"""Chapters of the report about what was ordered: how full the days are, where it goes, and for how many patients."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from balie.ordering.queries.report import Region, Report, Share
from balie.ordering.services.report_chapter import Chapter
from balie.ordering.services.report_plots import draw_days, draw_full_days, draw_regions, draw_share
from balie.ordering.services.report_tables import Table
from balie.practices.templatetags.balie import number


def tell_filling(report: Report) -> Chapter:
    """How full the delivery days are, and since when."""
    return Chapter(
        "dagen",
        _("Hoe vol de bezorgdagen zijn"),
        pictures=[draw_days(report.days), draw_full_days(report)] if report.days else [],
        file="bezorgdagen",
    )


def tell_where(report: Report) -> Chapter:
    """Doses by region of the postcode."""
    rows = [
        (postcodes(each), number(each.practices), number(each.deliveries), number(each.doses))
        for each in report.regions
    ]
    columns = [_("Postcodes"), _("Praktijken"), _("Afleveringen"), _("Doses")]
    return Chapter(
        "regios",
        _("Doses per regio"),
        lead=[_("Een regio is het eerste cijfer van de postcode waar bezorgd wordt.")],
        pictures=[draw_regions(report.regions)] if report.regions else [],
        tables=[Table(_("Per regio"), columns, rows)] if rows else [],
        file="regios",
    )


def tell_shares(report: Report) -> Chapter:
    """Doses for each hundred registered patients."""
    told = [each for each in report.shares if each.spread]
    return Chapter(
        "aandeel",
        _("Aandeel van de ingeschreven patiënten"),
        lead=[_("Doses per 100 ingeschreven patiënten, van praktijken die bestelden.")],
        facts=[fact for each in told for fact in _facts(each)],
        pictures=[draw_share(at, each) for at, each in enumerate(told)],
        file="aandeel",
    )


def postcodes(region: Region) -> str:
    """As people say it: `1000–1999`."""
    return f"{region.digit}000–{region.digit}999" if region.digit else _("onbekend")


def _facts(share: Share) -> list[tuple[str, str]]:
    assert share.spread is not None
    low, middle, high = map(_one_decimal, share.spread)
    together = _("%(share)s (%(doses)s doses, %(patients)s patiënten)") % {
        "share": _one_decimal(share.per_hundred),
        "doses": number(share.doses),
        "patients": number(share.registered),
    }
    each = _("een tiende tot %(low)s, de helft tot %(middle)s, 9 van de 10 tot %(high)s")
    return [
        (_("%(product)s, samen") % {"product": share.name}, together),
        (
            _("%(product)s, per praktijk") % {"product": share.name},
            each % {"low": low, "middle": middle, "high": high},
        ),
    ]


def _one_decimal(value: float) -> str:
    return number_format(value, decimal_pos=1)
