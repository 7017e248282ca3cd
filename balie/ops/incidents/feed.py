"""The newest updates, and what was told of maintenance, as an Atom feed (RFC 4287)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.ops.incidents.models import Update
from balie.ops.incidents.planning import act_words, until
from balie.ops.incidents.status import in_this_language
from balie.ops.maintenance.models import MaintenanceAct
from balie.practices.templatetags.balie import moment

MOST: Final = 50
SPACE: Final = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Entry:
    """`place`: where it stands on the status page, by which it is known too."""

    at: datetime
    title: str
    place: str
    content: str


def atom(ending: str, now: datetime) -> str:
    """In the language of the moment; `ending` is how its files are called."""
    entries = sorted([*_updates(ending), *_maintenance(ending)], key=lambda each: each.at, reverse=True)[:MOST]
    where = settings.STATUS_URL
    root = ET.Element("feed", {"xmlns": SPACE, "xml:lang": get_language() or "nl"})
    _add(root, "title", _("Status van Balie"))
    _add(root, "id", f"{where}/feed{ending}.xml")
    _add(root, "updated", (entries[0].at if entries else now).isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": f"{where}/feed{ending}.xml"})
    ET.SubElement(root, "link", {"href": f"{where}/index{ending}.html"})
    _add(ET.SubElement(root, "author"), "name", "Balie")
    for each in entries:
        entry = ET.SubElement(root, "entry")
        _add(entry, "title", each.title)
        _add(entry, "id", f"{where}/{each.place}")
        _add(entry, "updated", each.at.isoformat())
        ET.SubElement(entry, "link", {"href": f"{where}/{each.place}"})
        _add(entry, "content", each.content)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _updates(ending: str) -> Iterator[Entry]:
    for update in Update.objects.select_related("incident").order_by("-pk")[:MOST]:
        incident = update.incident
        yield Entry(
            at=update.at,
            title=f"{incident.number}: {in_this_language(incident.title_nl, incident.title_en)}",
            place=f"{incident.began_at.year}{ending}.html#u{update.pk}",
            content=in_this_language(update.text_nl, update.text_en),
        )


def _maintenance(ending: str) -> Iterator[Entry]:
    """Announced, extended, over sooner or cancelled: each when it was told."""
    for act in MaintenanceAct.objects.select_related("maintenance").order_by("-pk")[:MOST]:
        planned = act.maintenance
        span = {"begin": moment(planned.begins_at), "end": until(planned.begins_at, act.ends_at)}
        text = in_this_language(planned.text_nl, planned.text_en)
        yield Entry(
            at=act.at,
            title=f"{planned.number}: {_('Onderhoud')} – {act_words(act)}",
            place=f"index{ending}.html?{act.pk}#{planned.number}",
            content=f"{_('%(begin)s tot %(end)s') % span}\n\n{text}",
        )


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
