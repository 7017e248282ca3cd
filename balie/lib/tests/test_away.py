"""The page for when everything is down stands alone."""

import re
from pathlib import Path

import pytest

from balie.lib.away import away_page

THEME = Path(__file__).parents[3] / "frontend" / "src" / "styles" / "theme.css"


@pytest.fixture
def page(settings):
    settings.HELP_PHONE = "088 123 45 67"
    return away_page()


def test_it_says_in_every_language_that_nothing_is_lost_and_whom_to_call(page):
    dutch, english = re.findall(r'<section lang="(?:nl|en)">.*?</section>', page, re.DOTALL)
    assert "Uw plaats blijft staan" in dutch
    assert "You keep your place" in english
    for section in (dutch, english):
        assert '<a href="tel:0881234567">088 123 45 67</a>' in section


def test_it_needs_nothing_from_elsewhere(page):
    assert page.startswith("<!doctype html>")
    links = re.findall(r'(?:href|src|srcset|action)="([^"]*)"', page)
    assert set(links) == {"", "tel:0881234567"}
    assert not re.search(r"<(script|link|img|iframe|form|object)|url\(|@import|https?:", page)


def test_it_has_the_colours_of_the_theme(page):
    theme = THEME.read_text()
    light, dark = (theme.split(start)[1].split("}")[0] for start in ("\n.balie-theme {", '[data-scheme="dark"] {'))
    ours = re.findall(r":root \{(.*?)\}", page)
    for block, said in zip((light, dark), ours, strict=True):
        for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", said):
            assert f"--balie-color-{name}: {value};" in block


def test_without_a_number_it_names_none(settings):
    settings.HELP_PHONE = ""
    assert "tel:" not in away_page()
