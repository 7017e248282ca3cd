"""The report of a night: what it tells, to whom, how fast, and that it counts rather than believes."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO

import psutil
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from balie.lib.plots import draw_lines
from balie.mail.models import MailState, OutboxMail
from balie.ordering.models import Campaign, CancelledOrder, DeliveryDay, Hold, HoldLog, Order, OrderLine, PreparedOrder
from balie.ordering.queries.report import read_report
from balie.ordering.services import report_plots, typesetting
from balie.ordering.services.holds import block_practice
from balie.ordering.services.report_chapters import lasting
from balie.ordering.services.report_tables import tell_minutes
from balie.ordering.testing import make_campaign, make_hold, make_prepared
from balie.ordering.tests.past_night import DAYS, OPENS, PastNight, make_past_night, stand_still
from balie.practices.models import AuditEvent, Practice
from balie.practices.templatetags.balie import number as say_number
from balie.practices.testing import Cast, make_cast
from balie.waitingroom.services import pause

pytestmark = pytest.mark.django_db
URL = "/regiekamer/2027/verslag/"
FILES = (
    "/regiekamer/2027/verslag.pdf",
    "/regiekamer/2027/verslag.csv",
    "/regiekamer/2027/verslag/regios.csv",
    "/regiekamer/2027/eerlijkheid/",
)
# Person, session and second factor; the campaign, and fourteen about its night.
MOST_QUERIES = 21
ROUNDS = 5
CANCELLED = "Later geannuleerd, en in geen ander cijfer"


_drawn: dict[str, str] = {}


@pytest.fixture(autouse=True)
def _what_is_the_same_is_drawn_once(request, monkeypatch) -> None:
    """Most nights here are the same one, and drawing its plots takes longest; how long, another test measures."""
    if request.node.get_closest_marker("slow"):
        return

    def draw(*about: object, **more: object) -> str:
        key = repr((about, more))
        if key not in _drawn:
            _drawn[key] = draw_lines(*about, **more)
        return _drawn[key]

    monkeypatch.setattr(report_plots, "draw_lines", draw)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def night(cast) -> PastNight:
    return make_past_night(120)


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def words(page: str) -> str:
    """Without the plots, in one line."""
    return " ".join(page.split())


def facts(client: Client) -> dict[str, str]:
    return {label: value for chapter in client.get(URL).context["chapters"] for label, value in chapter.facts}


@pytest.mark.parametrize("path", [URL, *FILES])
def test_nobody_but_the_organiser_can_tell_that_it_exists(night, cast, path):
    for person in (cast.owner, cast.colleague, cast.outsider):
        client = Client()
        client.force_login(person)
        assert client.get(path).status_code == 404
        assert client.get(path.replace("2027", "2099")).status_code == 404
    assert Client().get(path).url.startswith("/account/login/")


def test_it_tells_what_was_given_away(night, client):
    told = facts(client)
    assert told["Opening"] == "maandag 1 juni om 00.00 uur"
    assert told["Bestellingen"] == "118"
    assert told["Doses: Griepvaccin"] == "11.800"
    assert told["Doses samen"] == "11.800 van 600.000"
    assert told["Te veel weggegeven"] == "0"
    assert told["Praktijken in de wachtkamer"] == "120"
    assert told["Bevestigingen"] == "118"
    assert told["Van bestelling tot aangenomen"] == "helft binnen 4,0 s, 9 van de 10 binnen 4,0 s, langste 4,0 s"
    # 120 numbers, one a second from three seconds on.
    assert told["Wachttijd, van opening tot beurt"].startswith("helft binnen 1 min 4 s, 9 van de 10 binnen 1 min 51 s")


def test_it_tells_where_vaccines_go_and_for_how_many_patients(night, client):
    order = Order.objects.order_by("pk")[0]
    order.lines.update(address="Kade 1, 9712 AB Groningen")
    Practice.objects.filter(pk=order.practice_id).update(registered_count=200)
    report = read_report(night.campaign)
    assert [(each.digit, each.doses, each.practices) for each in report.regions] == [("1", 11_700, 117), ("9", 100, 1)]
    (share,) = [each for each in report.shares if each.practices]
    assert (share.practices, share.doses, sum(count for _step, count in share.steps)) == (118, 11_800, 118)
    assert (10, 1) in [tuple(each) for each in share.steps]
    told = facts(client)
    assert told["Griepvaccin, samen"].endswith("(11.800 doses, " + say_number(share.registered) + " patiënten)")
    page = words(client.get(URL).content.decode())
    assert '<th scope="row">9000–9999</th>' in page


@pytest.mark.parametrize(
    ("part", "first"),
    [
        ("regios", {"Eerste cijfer van de postcode": "1", "Praktijken": "118", "Doses": "11800"}),
        ("bezorgdagen", {"Dag": DAYS[0].isoformat(), "Doses": "11800", "Vol sinds": ""}),
        ("mail", {"Stand": "onderweg", "Bevestigingen": "0"}),
        ("aandeel", {"Vaccin": "Griepvaccin"}),
        ("loting", {"Naar": "aankomst", "Deel": "1"}),
        ("minuten", {"Bestellingen": "0"}),
    ],
)
def test_each_chapter_has_its_figures_as_a_file(night, client, part, first):
    assert f'href="/regiekamer/2027/verslag/{part}.csv"' in client.get(URL).content.decode()
    reply = client.get(f"/regiekamer/2027/verslag/{part}.csv")
    rows = list(csv.DictReader(StringIO(reply.content.decode("utf-8-sig")), delimiter=";"))
    assert {name: rows[0][name] for name in first} == first
    assert client.get("/regiekamer/2027/verslag/anders.csv").status_code == 404


def test_oversold_is_counted_from_the_orders_and_not_from_any_counter(night, client):
    """The counters of the day say that nothing is taken; they are not asked."""
    assert "Op geen enkele dag is te veel weggegeven." in client.get(URL).content.decode()
    DeliveryDay.objects.filter(day=DAYS[0]).update(doses_limit=11_000)
    page = client.get(URL).content.decode()
    assert "Op 1 dag is te veel weggegeven." in page
    assert "utrecht-alert--warning" in page
    DeliveryDay.objects.filter(day=DAYS[0]).update(doses_limit=20_000, addresses_limit=117)
    assert "Op 1 dag is te veel weggegeven." in client.get(URL).content.decode()


def test_it_tells_since_when_a_day_is_full(night, client):
    DeliveryDay.objects.filter(day=DAYS[0]).update(doses_limit=11_800)
    report = read_report(night.campaign)
    assert report.days[0].full_at == report.last_order_at
    assert all(day.full_at is None for day in report.days[1:])
    assert facts(client)["Bezorgdagen die vol zijn"] == "1 van 50"


def test_mail_that_did_not_arrive_is_counted_by_how_it_failed(night, client):
    OutboxMail.objects.filter(message_id="1@balie").update(state=MailState.BOUNCED, undelivered_at=timezone.now())
    OutboxMail.objects.filter(message_id="2@balie").update(
        state=MailState.FAILED, sent_at=None, undelivered_at=timezone.now()
    )
    OutboxMail.objects.filter(message_id="3@balie").update(state=MailState.QUEUED, sent_at=None)
    told = facts(client)
    assert [told[name] for name in ("Nog onderweg", "Teruggekomen", "Niet te versturen")] == ["1", "1", "1"]
    assert told["Aangenomen door de mailserver"] == "115"


def test_it_tells_what_went_wrong(night, client):
    stand_still(75)
    lapse = HoldLog(act="lapse", practices=[1, 2, 3])
    full = HoldLog(act="hold", practices=[4], outcomes=["full"])
    for row in (lapse, full):
        row.campaign, row.at, row.service_at = night.campaign, OPENS, OPENS
        row.save()
    told = facts(client)
    assert told["De klok van Balie stond stil"] == "1 keer, samen 1 min 15 s"
    assert told["De tijd ging voorbij, de datum kwam vrij"] == "3"
    assert told["De datum was net vol"] == "1"
    assert told["Een datum vastgehouden"] == "118"


def test_it_tells_who_did_not_order_and_leads_to_the_list(night, client):
    told = facts(client)
    # Three stayed away, two of the cast did too, and two who were called did not order.
    assert (told["niet in de wachtkamer"], told["aan de beurt, niet begonnen"], told["Samen"]) == ("5", "2", "7")
    assert 'href="/regiekamer/2027/praktijken/"' in client.get(URL).content.decode()


def test_interventions_are_told_by_role_and_with_their_reason(night, client, cast):
    pause(room=night.campaign.room, actor=cast.organiser, reason="de mail <b>is</b> traag")
    block_practice(campaign=night.campaign, practice=night.practices[-1], actor=cast.organiser, reason="fout nummer")
    page = client.get(URL).content.decode()
    timeline = words(page[page.index('id="tijdlijn"') :])
    assert "<td>Toelaten gepauzeerd</td><td>organisatie</td><td>de mail &lt;b&gt;is&lt;/b&gt; traag</td>" in timeline
    assert f"Praktijk geblokkeerd: {night.practices[-1].name}" in timeline
    assert cast.organiser.name not in timeline
    assert "De eerste bestelling staat vast" in timeline


def test_what_practices_do_by_the_thousand_leaves_room_for_what_staff_did(night, client, cast):
    pause(room=night.campaign.room, actor=cast.organiser, reason="even kijken")
    AuditEvent.objects.bulk_create(
        AuditEvent(at=timezone.now(), actor=cast.owner, action="trial.started_over", subject="campaign:2027")
        for _ in range(60)
    )
    assert "Toelaten gepauzeerd" in client.get("/regiekamer/2027/logboek/").content.decode()


def test_every_plot_says_in_words_what_it_shows_and_the_figures_stand_beside(night, client):
    page = client.get(URL).content.decode()
    assert page.count("<svg") - page.count('<svg width="0"') >= 6
    assert "Bestellingen per minuut: hoogste " in page
    assert page.count('class="drawing" aria-hidden="true"') == 10
    assert " style=" not in page[page.index("<main") :]
    assert "<caption" in page[page.index('id="cijfers"') :]


def test_groups_are_told_one_by_one(cast, client):
    make_past_night(120, groups=("Noord", "Zuid"))
    page = client.get(URL).content.decode()
    assert "Opening van Noord" in page
    assert "maandag 1 juni om 01.00 uur" in page
    assert page.count("Praktijken in de loting") == 2
    assert words(page).index('id="loting-1">Noord') < words(page).index('id="loting-2">Zuid')


def test_a_night_that_must_still_begin_promises_nothing(cast, client):
    make_campaign(slug="2027", opens_at=timezone.now() + timedelta(hours=3))
    page = client.get(URL).content.decode()
    assert "De nacht moet nog beginnen" in page
    assert "verslag.pdf" not in page
    assert client.get(FILES[0])["Content-Type"] == "application/pdf"
    assert client.get(FILES[1]).status_code == 200


def test_a_night_that_has_begun_without_a_draw_claims_nothing_about_it(cast, client):
    make_campaign(slug="2027", opens_at=timezone.now() - timedelta(seconds=5))
    page = client.get(URL).content.decode()
    assert "Er is nog niet geloot." in page
    assert "Eerlijk: " not in page
    assert "0 bestellingen, 0 doses" in page


def test_it_tells_what_balie_could_not_place(night, client):
    at = timezone.now()
    for practice, failed_at in zip(night.practices[-3:], (at, at, None), strict=True):
        prepared = make_prepared(night.campaign, practice, auto=PreparedOrder.Auto.ONE_DAY)
        PreparedOrder.objects.filter(pk=prepared.pk).update(failed_at=failed_at)
    ordered = night.campaign.orders.select_related("practice")[0].practice
    make_prepared(night.campaign, ordered, auto=PreparedOrder.Auto.ONE_DAY)
    assert facts(client)["Aan Balie overgelaten, maar geen plaats gevonden en geen bestelling"] == "2 van 4"


def test_who_comes_in_the_weeks_after_does_not_stretch_the_night(night, client):
    order = night.campaign.orders.order_by("-placed_at")[0]
    before = read_report(night.campaign)
    night.campaign.orders.filter(pk=order.pk).update(placed_at=OPENS + timedelta(days=9))
    after = read_report(night.campaign)
    assert before.ends_at - OPENS < timedelta(minutes=15)
    assert after.ends_at <= before.ends_at
    assert after.now["orders"] == 118


def test_the_pdf_tells_the_same_and_can_be_read_aloud(night, client):
    response = client.get(FILES[0])
    paper = PdfReader(BytesIO(response.content))
    text = words(" ".join(page.extract_text() for page in paper.pages))
    for said in ("Verslag van de nacht", "118 bestellingen", "Eerlijkheid van de loting", "11.800 van 600.000"):
        assert said in text
    root = paper.trailer["/Root"]
    assert root["/Lang"] == "nl"
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    assert any("Bestellingen per minuut: hoogste" in said for said in alternatives(paper))


def alternatives(paper: PdfReader) -> Iterator[str]:
    """What pictures say to who has the paper read aloud."""
    for number in range(1, paper.trailer["/Size"]):
        found = paper.get_object(number)
        if isinstance(found, dict) and "/Alt" in found:
            yield str(found["/Alt"])


def test_without_a_pdf_the_page_says_so(night, client, monkeypatch, tmp_path):
    monkeypatch.setattr(typesetting, "LAYOUTS", tmp_path)
    page = client.get(FILES[0], follow=True)
    assert page.redirect_chain[-1][0] == URL
    assert "De PDF maken lukt nu niet." in page.content.decode()


def test_the_file_has_every_minute_and_adds_up(night, client):
    lines = client.get(FILES[1]).content.decode("utf-8-sig").splitlines()
    header, *rows = [line.split(";") for line in lines]
    assert header[:3] == ["Begin", "Einde", "Binnengekomen"]
    assert rows[0][0] == "31-05-2026 23.00"
    assert rows[60][0] == "01-06-2026 00.00"
    column = {name: [int(row[at]) for row in rows] for at, name in enumerate(header) if at > 1}
    assert sum(column["Binnengekomen"]) == sum(column["Opgeroepen"]) == 120
    assert sum(column["Bestellingen"]) == sum(column["Mails aangenomen"]) == 118
    assert sum(column["Doses"]) == 11_800
    assert column["Wachtend"][59] == 120
    assert column["Wachtend"][-1] == 0
    assert column["Binnen"][-1] == 2


def test_a_long_night_has_no_endless_table(night):
    minutes = read_report(night.campaign).minutes
    table = tell_minutes(list(minutes) * 8)
    assert len(table.rows) <= 60
    assert table.title == "Per 10 minuten"


def test_it_is_there_in_english(night, client, cast):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(URL).content.decode()
    assert "Report of the night" in page
    assert "118 orders, 11,800 doses" in page
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(client.get(FILES[0]).content)).pages)
    assert "Fairness of the draw" in words(text)


def test_a_trial_has_one_too_and_says_that_it_is_one(night, client):
    real = make_campaign(slug="2028", opens_at=timezone.now() + timedelta(days=2))
    night.campaign.trial_of = real
    night.campaign.save()
    page = client.get(URL).content.decode()
    assert "Wie niet heeft geoefend" in page
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(client.get(FILES[0]).content)).pages)
    assert "Dit is een oefening." in text


def test_it_says_that_a_night_is_still_going_on_until_who_is_inside_does_nothing(night, client):
    still = "De nacht is nog bezig"
    assert still not in client.get(URL).content.decode()  # it closed
    Campaign.objects.update(closes_at=timezone.now() + timedelta(days=1))
    assert still not in client.get(URL).content.decode()  # two were called and never ordered
    place = night.practices[118].locations.get()
    make_hold(night.campaign, night.practices[118], [(night.campaign.products.get(), place, 100, DAYS[0])])
    assert still in client.get(URL).content.decode()
    Hold.objects.update(state=Hold.State.LAPSED)
    night.campaign.orders.filter(number="B27-00001").update(placed_at=timezone.now())
    assert still in client.get(URL).content.decode()


def test_it_leads_to_the_reports_of_other_nights(night, client):
    last_year = make_campaign(slug="2026", opens_at=timezone.now() - timedelta(days=365))
    make_campaign(slug="2028", opens_at=timezone.now() + timedelta(days=365))
    page = client.get(URL).content.decode()
    assert f'href="/regiekamer/{last_year.slug}/verslag/"' in page
    assert "/regiekamer/2028/verslag/" not in page
    assert 'href="/regiekamer/2027/verslag/"' not in page


def test_the_number_of_queries_does_not_grow_with_the_night(night, client):
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(URL)
    assert len(few) <= MOST_QUERIES, [query["sql"][:80] for query in few]
    OrderLine.objects.all().delete()
    with CaptureQueriesContext(connection) as fewer:
        client.get(URL)
    assert len(fewer) == len(few)


@pytest.mark.slow
def test_five_thousand_practices_are_told_within_a_second(cast, client):
    """Of processors, ours and the database's together, so that a busy machine is no fault."""
    make_past_night(5000)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
        cursor.execute("select pg_backend_pid()")
        ours = [psutil.Process(), psutil.Process(cursor.fetchone()[0])]
    client.get(URL)  # matplotlib is imported once
    before = seconds(ours)
    for _ in range(ROUNDS):
        assert "4.998 bestellingen" in client.get(URL).content.decode()
    assert (seconds(ours) - before) / ROUNDS < 1


def seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0,0 s"),
        (0.44, "0,4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3900, "1 uur 5 min"),
    ],
)
def test_spans_are_told_shortly(seconds, said):
    assert lasting(seconds) == said


def test_it_says_how_many_orders_were_cancelled_since(client, night):
    assert CANCELLED not in facts(client)
    order = Order.objects.first()
    CancelledOrder.objects.create(
        number="B27-90001",
        campaign=order.campaign,
        campaign_version=1,
        practice=order.practice,
        hold_key=order.hold_key,
        placed_at=order.placed_at,
        cancelled_at=timezone.now(),
        granted=False,
        fee_cents=0,
        line_day=[],
        line_product=[],
        line_doses=[],
        line_location=[],
        line_address=[],
    )
    assert facts(client)[CANCELLED] == "1"
