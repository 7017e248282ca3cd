"""The report of a night as a PDF; the layout is `balie/ordering/typst/report.typ`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign
from balie.ordering.services.report_chapter import Chapter
from balie.ordering.services.typesetting import typeset
from balie.practices.templatetags.balie import moment


def make_report(campaign: Campaign, *, headline: str, chapters: Sequence[Chapter], made_at: datetime) -> bytes:
    """In the language of now. Raises NoPaperError."""
    title = _("Verslag van de nacht")
    trial = _("Dit is een oefening. Er wordt niets echt besteld en niets bezorgd.")
    words = {
        "language": (get_language() or settings.LANGUAGE_CODE)[:2],
        "title": title,
        "campaign": campaign.name,
        "notice": trial if campaign.trial_of else None,
        "headline": headline,
        "made": _("Opgemaakt %(when)s.") % {"when": moment(made_at)},
        "chapters": [asdict(chapter) for chapter in chapters],
        "foot": f"{title} · {campaign.name}",
        "page": _("bladzijde {page} van {pages}"),
    }
    return typeset("report", words)
