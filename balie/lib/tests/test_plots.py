"""Plots stand by themselves on paper, and in a page they break none of its rules."""

import re
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

from balie.lib.plots import BLUE, PLUM, Band, Frame, Line, draw_lines, inline

POINTS = [(0, 1), (60, 5), (120, 3)]


def draw(name: str = "proef", **changes) -> str:
    lines = [Line(points=POINTS, label="<een>", colour=PLUM), Line(points=POINTS, label="twee", colour=BLUE)]
    band = Band(low=2, high=4, label="bij toeval")
    return draw_lines(
        name, lines, span=(0, 120), band=band, ticks=[(0, "23.00"), (120, "23.02")], frame=Frame(letters=14), **changes
    )


def test_on_paper_it_needs_no_page():
    svg = draw()
    ET.fromstring(svg)
    assert PLUM in svg
    assert "var(" not in svg
    assert "23.02" in svg
    assert "bij toeval" in svg
    assert "&lt;een&gt;" in svg


def test_in_a_page_it_has_no_style_of_its_own_and_no_colours_but_the_theme():
    svg = inline(draw())
    ET.fromstring(svg)
    assert "style" not in svg
    assert not re.search(r"#[0-9a-f]{6}", svg)
    assert 'stroke="var(--balie-color-series-1)"' in svg
    assert 'aria-hidden="true"' in svg


def test_ids_differ_between_plots():
    ids = [set(re.findall(r' id="([^"]*)"', inline(draw(name)))) for name in ("een", "twee")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_plots_drawn_at_once_do_not_mix():
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(draw, ["een", "twee"] * 8))
    assert len(set(drawn)) == 2
