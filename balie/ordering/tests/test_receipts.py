from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.utils.translation import override
from icalendar import Calendar
from pypdf import PdfReader

from balie.ordering.models import Order
from balie.ordering.queries.orders import read_deliveries
from balie.ordering.services import typesetting
from balie.ordering.services.receipt_ics import make_calendar_file
from balie.ordering.services.receipt_pdf import make_receipt
from balie.ordering.services.receipts import render_order_confirmation, render_prepared_not_placed
from balie.ordering.services.typesetting import NoPaperError
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
    order = make_order(campaign, practice, lines, number="B27-01198", placed_by=make_person("Anna de Vries"))
    Order.objects.update(placed_at=datetime(2027, 5, 31, 22, 31, 7, tzinfo=UTC))
    order.refresh_from_db()
    return order


def words(receipt: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(receipt)).pages).split())


def events(order: Order) -> list:
    return Calendar.from_ical(make_calendar_file(order, read_deliveries(order))).events


def test_the_order_number_comes_first():
    make_example()
    rendered = render_order_confirmation("B27-01198")
    assert rendered.subject == "B27-01198: uw bestelling staat vast"
    assert rendered.text.startswith("Bestelnummer B27-01198\n")
    assert rendered.html.index("B27-01198</span></h1>") < rendered.html.index("Uw bestelling staat vast")


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
    assert "<img" not in rendered.html
    assert "http://localhost:8000/bestellen/" in rendered.text


def test_it_is_dutch_whatever_the_process_speaks():
    make_example()
    with override("en"):
        rendered = render_order_confirmation("B27-01198")
    assert "dinsdag 12 oktober 2027" in rendered.text
    assert rendered.language == "nl"


def test_whoever_placed_the_order_and_chose_english_gets_english():
    order = make_example()
    choose_language(person=order.placed_by, language="en")
    rendered = render_order_confirmation("B27-01198")
    assert rendered.subject == "B27-01198: your order is final"
    assert "Delivery on Tuesday 12 October 2027" in rendered.text
    assert "Griepvaccin: 1,650 doses" in rendered.text
    assert '<html lang="en">' in rendered.html
    assert rendered.language == "en"
    receipt, calendar = rendered.attachments
    assert PdfReader(BytesIO(receipt.content)).trailer["/Root"]["/Lang"] == "en"
    assert "Your order is final Recorded on Tuesday 1 June 2027" in words(receipt.content)
    assert (receipt.name, calendar.name) == ("order-B27-01198.pdf", "order-B27-01198.ics")
    assert b"SUMMARY:Vaccine delivery" in calendar.content


def test_an_unknown_number_is_refused():
    with pytest.raises(Order.DoesNotExist):
        render_order_confirmation("B27-99999")


def test_it_says_whether_balie_placed_the_order():
    order = make_example()
    say = "Balie heeft deze bestelling op uw beurt voor u geplaatst"
    assert say not in render_order_confirmation("B27-01198").text
    order.placed_by = None
    order.save()
    rendered = render_order_confirmation("B27-01198")
    assert say in rendered.text
    assert say in rendered.html
    assert "door Balie, uit wat u had klaargezet." in words(rendered.attachments[0].content)


@pytest.mark.parametrize(
    ("failure", "say"),
    [
        ("full", "geen datum van uw lijst heeft nog plaats"),
        ("bad_lines", "past niet meer bij de regels"),
        ("fault", "door een fout bij ons"),
    ],
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


def test_the_receipt_says_all_of_the_order():
    order = make_example()
    text = words(make_receipt(order, read_deliveries(order)))
    for said in (
        "Bestelnummer B27-01198",
        "Huisartsenpraktijk Jansen & Zn",
        "AGB 01234567",
        "Vastgelegd op dinsdag 1 juni 2027 om 00.31.07 uur door Anna de Vries.",
        "De mail is alleen een kopie.",
        "Bezorging op dinsdag 12 oktober 2027 Lindelaan 1, 1234 AB Ons Dorp",
        "Griepvaccin 1.650 doses Pneumokokkenvaccin 90 doses",
        "Bezorging op dinsdag 19 oktober 2027 Kade 3, 1234 AB Ons Dorp",
        "Samen 1.940 doses",
        "Bel 088 123 45 67 en noem B27-01198.",
        "versie 1",
        "bladzijde 1 van 1",
    ):
        assert said in text
    assert text.index("B27-01198") < text.index("Bezorging")


def test_the_receipt_can_be_read_aloud_and_has_our_letters():
    order = make_example()
    reader = PdfReader(BytesIO(make_receipt(order, read_deliveries(order))))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "nl"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Bestelling B27-01198"
    fonts = {str(font.get_object()["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert {font.partition("+")[2].partition("-")[0] for font in fonts} == {"AtkinsonHyperlegibleNext", "Besley"}


@pytest.mark.parametrize(
    "name", ["#strong[x] $x$ *y* _z_ <a> @b \\ // `c`", "Ünïcode Ḥ ł – “x”", "Huisartsen " * 18, '"}) #panic()']
)
def test_what_people_wrote_is_text_and_never_markup(name):
    order = make_example()
    order.practice.name = name
    assert words(make_receipt(order, read_deliveries(order))).replace(" ", "").count(name.replace(" ", "")) == 1


def test_a_letter_that_no_font_has_is_missed_and_nothing_else():
    order = make_example()
    order.practice.name = "Praktijk 漢 De Linde"
    assert "De Linde" in words(make_receipt(order, read_deliveries(order)))


def test_the_same_order_gives_the_same_receipt():
    order = make_example()
    first, again = (make_receipt(order, read_deliveries(order)) for _ in range(2))
    assert first == again


def test_a_long_order_goes_on_on_the_next_page():
    order = make_example()
    days = read_deliveries(order) * 12
    reader = PdfReader(BytesIO(make_receipt(order, days)))
    assert len(reader.pages) > 1
    assert f"van {len(reader.pages)}" in reader.pages[-1].extract_text()


def test_mail_goes_with_the_receipt_and_the_calendar_file():
    make_example()
    receipt, calendar = render_order_confirmation("B27-01198").attachments
    assert (receipt.name, receipt.media_type) == ("bestelling-B27-01198.pdf", "application/pdf")
    assert "B27-01198" in words(receipt.content)
    assert (calendar.name, calendar.media_type) == ("bestelling-B27-01198.ics", "text/calendar")
    assert len(receipt.content) + len(calendar.content) < 200_000


def test_of_a_trial_the_receipt_says_so_and_nothing_comes_into_a_calendar():
    order = make_example()
    order.campaign.trial_of = make_campaign(slug="echt")
    order.campaign.save()
    (receipt,) = render_order_confirmation("B27-01198").attachments
    said = words(receipt.content)
    assert "Dit is een oefening. Er wordt niets echt besteld en niets bezorgd." in said
    assert "OEFENING" in said
    assert "Oefening B27-01198" in said
    assert "Uw bestelling staat vast" not in said


def test_without_a_receipt_the_mail_goes_all_the_same(monkeypatch, tmp_path):
    order = make_example()
    monkeypatch.setattr(typesetting, "LAYOUTS", tmp_path)
    with pytest.raises(NoPaperError):
        make_receipt(order, read_deliveries(order))
    rendered = render_order_confirmation("B27-01198")
    assert "B27-01198" in rendered.text
    assert [file.media_type for file in rendered.attachments] == ["text/calendar"]


def test_every_delivery_is_a_whole_day_in_the_calendar():
    first, second = events(make_example())
    assert (first.start, first.end) == (date(2027, 10, 12), date(2027, 10, 13))
    assert str(first["SUMMARY"]) == "Bezorging vaccins, bestelling B27-01198"
    assert str(first["LOCATION"]) == "Lindelaan 1, 1234 AB Ons Dorp"
    assert "Griepvaccin: 1.650 doses\nPneumokokkenvaccin: 90 doses" in first["DESCRIPTION"]
    assert "Bel 088 123 45 67 en noem B27-01198." in first["DESCRIPTION"]
    assert (second.start, str(second["LOCATION"])) == (date(2027, 10, 19), "Kade 3, 1234 AB Ons Dorp")


def test_who_opens_the_calendar_file_twice_has_each_delivery_once():
    order = make_example()
    once, again = events(order), events(order)
    assert [str(event["UID"]) for event in once] == [str(event["UID"]) for event in again]
    assert len({str(event["UID"]) for event in once}) == 2
    assert {event["SEQUENCE"] for event in once} == {0}
    assert make_calendar_file(order, read_deliveries(order)) == make_calendar_file(order, read_deliveries(order))
    file = make_calendar_file(order, read_deliveries(order))
    assert b"X-WR-TIMEZONE:Europe/Amsterdam\r\n" in file
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
