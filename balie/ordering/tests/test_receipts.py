from datetime import date

import pytest
from django.utils.translation import override

from balie.ordering.models import Order
from balie.ordering.services.receipts import render_order_confirmation, render_prepared_not_placed
from balie.ordering.testing import make_campaign, make_order, make_prepared, make_product
from balie.practices.services import choose_language
from balie.practices.testing import make_location, make_person, make_practice

pytestmark = pytest.mark.django_db


def make_example() -> Order:
    campaign = make_campaign()
    flu, pneumo = make_product(campaign), make_product(campaign, "pneumo")
    practice = make_practice("Huisartsenpraktijk Jansen & Zn", agb_code="01234567")
    main = make_location(practice)
    branch = make_location(practice, "Dependance", street="Kade 3")
    day, later = date(2027, 10, 12), date(2027, 10, 19)
    lines = [(flu, main, 1650, day), (pneumo, main, 90, day), (flu, branch, 200, later)]
    return make_order(campaign, practice, lines, number="B27-01198")


def test_the_order_number_comes_first():
    make_example()
    rendered = render_order_confirmation("B27-01198")
    assert rendered.subject == "B27-01198: uw bestelling staat vast"
    assert rendered.text.startswith("Bestelnummer B27-01198\n")
    assert "<h1>Bestelnummer B27-01198</h1>" in rendered.html


def test_every_delivery_says_what_comes_where_and_when():
    make_example()
    rendered = render_order_confirmation("B27-01198")
    assert rendered.text.count("Bezorging op ") == 2
    first, second = rendered.text.split("Bezorging op ")[1:]
    assert first.startswith("dinsdag 12 oktober 2027\nLindelaan 1, 1234 AB Ons Dorp\n")
    assert "- Griepvaccin: 1.650 doses\n- Pneumokokkenvaccin: 90 doses\n" in first
    assert second.startswith("dinsdag 19 oktober 2027\nKade 3, 1234 AB Ons Dorp\n- Griepvaccin: 200 doses\n")
    assert "Samen: 1.940 doses" in rendered.text
    assert "De mail is alleen een kopie." in rendered.text
    assert "Bel 088 123 45 67 en noem B27-01198." in rendered.text


def test_text_is_plain_and_html_is_escaped():
    make_example()
    rendered = render_order_confirmation("B27-01198")
    assert "Huisartsenpraktijk Jansen & Zn" in rendered.text
    assert "Huisartsenpraktijk Jansen &amp; Zn" in rendered.html
    assert "<script" not in rendered.html
    assert "style=" not in rendered.html


def test_it_is_dutch_whatever_the_process_speaks():
    make_example()
    with override("en"):
        rendered = render_order_confirmation("B27-01198")
    assert "dinsdag 12 oktober 2027" in rendered.text
    assert rendered.language == "nl"


def test_whoever_placed_the_order_and_chose_english_gets_english():
    order = make_example()
    order.placed_by = make_person("Sam Jansen")
    order.save()
    assert "dinsdag 12 oktober 2027" in render_order_confirmation("B27-01198").text
    choose_language(person=order.placed_by, language="en")
    rendered = render_order_confirmation("B27-01198")
    assert rendered.subject == "B27-01198: your order is final"
    assert "Delivery on Tuesday 12 October 2027" in rendered.text
    assert "Griepvaccin: 1,650 doses" in rendered.text
    assert '<html lang="en">' in rendered.html
    assert rendered.language == "en"


def test_an_unknown_number_is_refused():
    with pytest.raises(Order.DoesNotExist):
        render_order_confirmation("B27-99999")


def test_it_says_whether_balie_placed_the_order():
    order = make_example()
    rendered = render_order_confirmation("B27-01198")
    say = "Balie heeft deze bestelling op uw beurt voor u geplaatst"
    assert say in rendered.text
    assert say in rendered.html
    order.placed_by = make_person()
    order.save()
    assert say not in render_order_confirmation("B27-01198").text


@pytest.mark.parametrize(
    ("failure", "say"),
    [("full", "geen datum van uw lijst heeft nog plaats"), ("bad_lines", "past niet meer bij de regels")],
)
def test_an_order_that_balie_could_not_place_is_said_with_the_way_on(failure: str, say: str):
    prepared = make_prepared(make_campaign(slug="2027"), make_practice(), auto="one_day")
    prepared.failure = failure
    prepared.save()
    rendered = render_prepared_not_placed(str(prepared.pk))
    assert rendered.subject == "U bent aan de beurt: kies zelf een bezorgdatum"
    for words in (rendered.text, rendered.html):
        assert say in words
        assert "Er is niets besteld." in words
        assert "Uw nummer blijft geldig." in words
        assert "/bestellen/2027/wachtkamer/" in words
        assert "088 123 45 67" in words
