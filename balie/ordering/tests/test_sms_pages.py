"""Text messages as people meet them: where a number is asked for, what the texts say, and where one sees them."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Order, PreparedOrder
from balie.ordering.queries.practice_log import read_practice_log
from balie.ordering.services.receipts import render_prepared_missed
from balie.ordering.services.sms import text_missed, text_not_placed, text_placed
from balie.ordering.testing import make_campaign, make_order, make_prepared, make_product
from balie.ordering.tests.preparing import Fields, Scene, make_scene, text
from balie.practices.models import AuditEvent
from balie.practices.services import choose_language
from balie.practices.testing import make_cast
from balie.sms.models import OutboxText, TextState

pytestmark = pytest.mark.django_db
# GSM 03.38's basic alphabet, as far as our words could use it: anything else would halve what fits in one message.
PLAIN = set("@£$¥èéùìòÇØøÅåÄÖÑÜäöñüàß!\"#%&'()*+,-./:;<=>? ") | set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)


@pytest.fixture
def _gateway(settings):
    settings.SMS_URL = "json://127.0.0.1:9/?:to={to}"


@pytest.fixture
def scene(client: Client, _gateway) -> Scene:
    return make_scene(client)


def mobile(scene: Scene) -> str:
    scene.cast.practice.refresh_from_db()
    return scene.cast.practice.mobile


def test_a_number_is_kept_with_the_practice_and_the_log_knows_who_gave_it(scene: Scene):
    response = scene.client.post(scene.url, scene.typed(auto="one_day", mobile="06 12 34 56 78"), follow=True)
    assert Fields(response).values["mobile"] == ["06 12345678"]
    assert mobile(scene) == "+31612345678"
    event = AuditEvent.objects.get(action="practice.mobile_changed")
    assert (event.actor, event.practice) == (scene.cast.owner, scene.cast.practice)
    scene.client.post(scene.url, scene.typed(auto="one_day", mobile=" "))
    assert mobile(scene) == ""


def test_what_is_no_mobile_number_comes_back_as_typed_and_nothing_is_kept(scene: Scene):
    response = scene.client.post(scene.url, scene.typed(auto="one_day", mobile="088 123 45 67"))
    assert response.status_code == 422
    assert "‘088 123 45 67’ is geen mobiel nummer." in text(response)
    assert Fields(response).values["mobile"] == ["088 123 45 67"]
    assert mobile(scene) == ""
    assert not PreparedOrder.objects.exists()


def test_a_number_of_an_outsider_stays_an_outsiders(scene: Scene):
    scene.client.force_login(scene.cast.outsider)
    scene.client.post(scene.url, scene.typed(mobile="06 12345678"))
    assert mobile(scene) == ""


def test_without_a_gateway_nobody_is_asked_for_a_number(client: Client):
    scene = make_scene(client)
    assert "mobile" not in Fields(client.get(scene.url)).values
    client.post(scene.url, scene.typed(auto="one_day", mobile="06 12345678"))
    assert mobile(scene) == ""
    assert PreparedOrder.objects.exists()


def example(*days: date) -> Order:
    cast = make_cast()
    campaign = make_campaign(slug="2027")
    flu, place = make_product(campaign), cast.practice.locations.get()
    make_prepared(campaign, cast.practice, auto="one_day")
    PreparedOrder.objects.update(auto_set_by=cast.owner)
    lines = [(flu, place, 10, day) for day in days or (date(2027, 9, 28),)]
    return make_order(campaign, cast.practice, lines, number="B27-01198")


@pytest.mark.parametrize(
    ("days", "language", "words"),
    [
        (
            (date(2027, 9, 28),),
            "nl",
            "Balie: uw bestelling B27-01198 staat vast. Bezorging op 28 september 2027. U hoeft niets te doen.",
        ),
        (
            (date(2027, 10, 12), date(2027, 9, 28), date(2027, 9, 30)),
            "nl",
            (
                "Balie: uw bestelling B27-01198 staat vast. Bezorging vanaf 28 september 2027, op 3 dagen."
                " U hoeft niets te doen."
            ),
        ),
        (
            (date(2027, 9, 28),),
            "en",
            "Balie: your order B27-01198 is final. Delivery on 28 September 2027. There is nothing you need to do.",
        ),
    ],
)
def test_an_order_is_told_in_one_message_by_number_and_date(days, language, words):
    order = example(*days)
    prepared = PreparedOrder.objects.get()
    choose_language(person=prepared.auto_set_by, language=language)
    assert text_placed(order.number) == words


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_text_fits_in_one_message_however_long_the_names(language):
    order = example(*(date(2027, 9, day) for day in range(1, 31)))
    prepared = PreparedOrder.objects.get()
    choose_language(person=prepared.auto_set_by, language=language)
    prepared.practice.name = "Gezondheidscentrum " + "Hazelaar " * 20
    prepared.practice.save()
    for said in (text_placed(order.number), text_not_placed(str(prepared.pk)), text_missed(str(prepared.pk))):
        assert len(said) <= 160
        assert set(said) <= PLAIN


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "Uw nummer kwam niet aan de beurt"),
        ({"failed_at": timezone.now(), "failure": "full"}, "Op uw beurt had geen datum van uw lijst plaats"),
        ({"failed_at": timezone.now(), "failure": "bad_lines"}, "paste niet meer bij de regels"),
        ({"failed_at": timezone.now(), "failure": "fault"}, "Dat kwam door een fout bij ons."),
    ],
)
def test_the_mail_about_an_order_that_never_came_says_why_and_whom_to_call(changes, why):
    example()
    PreparedOrder.objects.update(**changes)
    mail = render_prepared_missed(str(PreparedOrder.objects.get().pk))
    assert mail.subject == "Bestellen is gesloten: er is niets voor u besteld"
    for words in (mail.text, mail.html):
        assert why in words
        assert "Bel 088 123 45 67." in words


def put(order: Order, **changes: object) -> OutboxText:
    row = {"kind": "order_placed", "reference": order.number, "once": "x", "recipient": "+31612345678"}
    return OutboxText.objects.create(**row | changes)


@pytest.mark.parametrize(
    ("changes", "say", "again_s"),
    [
        ({}, "Sms onderweg", 2),
        ({"answer": "error=500", "attempts": 2}, "De sms komt later.", 2),
        ({"state": TextState.SENT, "settled_at": timezone.now()}, "Sms verstuurd", None),
        ({"state": TextState.FAILED, "settled_at": timezone.now()}, "De sms kon niet worden verstuurd.", None),
    ],
)
def test_the_page_of_the_order_says_how_the_text_stands(client: Client, changes, say, again_s):
    order = example()
    put(order, **changes)
    client.force_login(order.practice.people.first())
    page = text(client.get("/bestellen/2027/bestelling/"))
    assert "De bevestiging per mail en sms" in page
    assert say in page
    answer = client.get("/bestellen/2027/bestelling/mail.json").json()
    assert [(row["recipient"], row["again"], row["lost"]) for row in answer["mails"]] == [("06 12345678", False, False)]
    assert answer["mails"][0]["say"].startswith(say)
    assert answer["poll_after_s"] == again_s


def test_the_log_of_the_practice_tells_what_became_of_its_texts_and_of_the_mail_that_nothing_was_free():
    order = example()
    prepared = PreparedOrder.objects.get()
    put(order, state=TextState.SENT, settled_at=timezone.now(), once="a")
    told = {"kind": "prepared_not_placed", "reference": str(prepared.pk)}
    put(order, **told, once="b", state=TextState.FAILED, settled_at=timezone.now(), attempts=10, answer="error=500")
    put(order, kind="of_somebody_else", reference=str(prepared.pk), once="c")
    log = read_practice_log(order.campaign, order.practice)
    said = [(line.say, line.reason) for line in log if "Sms" in line.say]
    assert sorted(said) == [
        ("Sms aan 06 12345678 aangenomen door de sms-dienst", ""),
        ("Sms aan 06 12345678 klaar om te versturen", ""),
        ("Sms aan 06 12345678 klaar om te versturen", ""),
        ("Sms aan 06 12345678 kon niet worden verstuurd, 10 keer geprobeerd", "error=500"),
    ]
