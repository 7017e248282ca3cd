"""How screens write numbers, days and times."""

import datetime as dt

import pytest
from django.template import Context, Template

MIDNIGHT = dt.datetime(2027, 5, 31, 22, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ value|number }}", 1284, "1.284"),
        ("{{ value|number }}", 640, "640"),
        ("{{ value|number }}", 1234567, "1.234.567"),
        ("{{ value|day }}", dt.date(2027, 10, 12), "dinsdag 12 oktober"),
        ("{{ value|day_and_year }}", dt.date(2027, 10, 12), "dinsdag 12 oktober 2027"),
        ("{{ value|clock }}", MIDNIGHT, "00.00 uur"),
        ("{{ value|clock_seconds }}", MIDNIGHT, "00.00.05 uur"),
        ("{{ value|moment }}", MIDNIGHT, "dinsdag 1 juni om 00.00 uur"),
        ("{{ value|span }}", 300, "5 minuten"),
        ("{{ value|span }}", 60, "1 minuut"),
        ("{{ value|span }}", 20, "20 seconden"),
    ],
)
def test_values_are_written_the_dutch_way(source, value, expected):
    assert Template("{% load balie %}" + source).render(Context({"value": value})) == expected


def test_icons_are_masks_hidden_from_screen_readers():
    assert Template('{% load balie %}{% icon "check" %}').render(Context()) == (
        '<span class="utrecht-icon balie-icon balie-icon--check" aria-hidden="true"></span>'
    )
