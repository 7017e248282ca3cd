"""The newest updates as an Atom feed (RFC 4287)."""

from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.ops.incidents.models import Update
from balie.ops.incidents.status import in_this_language

MOST: Final = 50
SPACE: Final = "http://www.w3.org/2005/Atom"


def atom(ending: str, now: datetime) -> str:
    """In the language of the moment; `ending` is how its files are called."""
    updates = list(Update.objects.select_related("incident").order_by("-pk")[:MOST])
    where = settings.STATUS_URL
    root = ET.Element("feed", {"xmlns": SPACE, "xml:lang": get_language() or "nl"})
    _add(root, "title", _("Status van Balie"))
    _add(root, "id", f"{where}/feed{ending}.xml")
    _add(root, "updated", (updates[0].at if updates else now).isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": f"{where}/feed{ending}.xml"})
    ET.SubElement(root, "link", {"href": f"{where}/index{ending}.html"})
    _add(ET.SubElement(root, "author"), "name", "Balie")
    for update in updates:
        entry = ET.SubElement(root, "entry")
        incident = update.incident
        page = f"{where}/{incident.began_at.year}{ending}.html#u{update.pk}"
        _add(entry, "title", f"{incident.number}: {in_this_language(incident.title_nl, incident.title_en)}")
        _add(entry, "id", page)
        _add(entry, "updated", update.at.isoformat())
        ET.SubElement(entry, "link", {"href": page})
        _add(entry, "content", in_this_language(update.text_nl, update.text_en))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
