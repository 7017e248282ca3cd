"""The documentation shows every page that people see, and no picture that nobody shows."""

import re

from django.urls import get_resolver

from tests.architecture.tree import ROOT, tracked
from tests.pages.addresses import flat
from tests.pages.gallery import GALLERY, write
from tests.pages.screens import FILES, WIDTHS, screens
from tests.pages.table import rows

IMAGES = ROOT / "docs" / "images"
SHOWN = re.compile(rf"images/([\w-]+)-(?:{'|'.join(WIDTHS)})\.webp")
MOST_BYTES, USUAL_BYTES = 70_000, 40_000


def unlike(wanted: set[str], there: set[str]) -> list[str]:
    """What is missing, and what is there without being wanted."""
    return sorted([f"missing: {name}" for name in wanted - there] + [f"orphan: {name}" for name in there - wanted])


def test_every_page_has_its_pictures_and_every_picture_its_page():
    of_pages = {screen.name for screen in screens()}
    shown = {name for page in tracked("*.md") for name in SHOWN.findall(page.read_text(encoding="utf-8"))}
    wanted = {f"{name}-{width}.webp" for name in of_pages | shown for width in WIDTHS}
    found = unlike(wanted, {path.name for path in IMAGES.glob("*.webp")})
    assert found == [], "scripts/screenshots takes them"


def test_files_are_no_pages():
    listed = {row.page for row in rows() if row.method == "GET"}
    with_ending = {each.name for each in flat(get_resolver().url_patterns) if "." in str(each.pattern)}
    assert with_ending & listed == FILES


def test_the_gallery_shows_what_the_table_lists():
    assert GALLERY.read_text(encoding="utf-8") == write(), "python -m tests.pages.gallery writes it"


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
    assert sum(sizes.values()) / len(sizes) < USUAL_BYTES


def test_a_picture_too_many_or_too_few_would_be_seen():
    assert unlike({"a", "b"}, {"b", "c"}) == ["missing: a", "orphan: c"]
