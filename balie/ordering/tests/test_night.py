"""The control room: for the organiser only, every act with its reason in the log."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Hold
from balie.ordering.testing import make_campaign, make_hold
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast, make_person
from balie.waitingroom.models import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def campaign():
    return make_campaign(slug="2027", pace=45)


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def act(client: Client, do: str, **fields: str):
    return client.post("/regiekamer/2027/", {"do": do, **fields})


def room(campaign) -> Room:
    return Room.objects.get(pk=campaign.room_id)


EVERYTHING = [
    ("get", "/regiekamer/2027/", {}),
    ("get", "/regiekamer/2027/logboek/", {}),
    *[
        ("post", "/regiekamer/2027/", {"do": do, "reason": "zomaar", "pace": "50", "text": "Hallo", "minutes": "5"})
        for do in ("pace", "pause", "resume", "extend", "say", "unsay")
    ],
]


@pytest.mark.parametrize(("method", "path", "fields"), EVERYTHING)
def test_nobody_but_the_organiser_can_tell_that_it_exists(campaign, cast, method, path, fields):
    for person in (cast.owner, cast.outsider, make_person()):
        client = Client()
        client.force_login(person)
        assert getattr(client, method)(path, fields).status_code == 404
        assert getattr(client, method)(path.replace("2027", "2099"), fields).status_code == 404
    assert not AuditEvent.objects.exists()
    assert (room(campaign).pace, room(campaign).paused, room(campaign).message) == (45, False, "")


@pytest.mark.parametrize(("method", "path", "fields"), EVERYTHING)
def test_who_is_not_logged_in_goes_to_the_login_page(campaign, method, path, fields):
    assert getattr(Client(), method)(path, fields).url.startswith("/account/login/")


def test_the_start_page_of_the_organiser_is_the_control_room(campaign, client):
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/regiekamer/2027/"


def test_a_campaign_that_does_not_exist_is_not_found(client):
    assert client.get("/regiekamer/2099/").status_code == 404


def test_the_pace_is_set_and_logged_with_its_reason(campaign, client, cast):
    assert act(client, "pace", pace="60", reason="het gaat goed").url == "/regiekamer/2027/"
    assert room(campaign).pace == 60
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.reason) == (cast.organiser, "room.pace_set", "het gaat goed")
    page = client.get("/regiekamer/2027/").content.decode()
    assert "Het tempo is nu 60 praktijken per minuut." in page
    assert "Tempo van 45 naar 60 per minuut" in page
    assert "Reden: het gaat goed" in page
    assert f"door {cast.organiser.name}" in page


@pytest.mark.parametrize("pace", ["0", "-5", "6001", "veel", "", "1e3", "4,5", "99999999999999999999"])
def test_an_impossible_pace_is_refused_and_what_was_typed_stays(campaign, client, pace):
    response = act(client, "pace", pace=pace, reason="sneller graag")
    assert response.status_code == 422
    assert 'value="sneller graag"' in response.content.decode()
    assert room(campaign).pace == 45
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("do", ["pace", "pause", "resume", "extend", "unsay"])
@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_done_without_a_reason(campaign, client, do, reason):
    response = act(client, do, pace="60", minutes="5", reason=reason)
    assert response.status_code == 422
    assert "Geef een reden" in response.content.decode()
    assert (room(campaign).pace, room(campaign).paused) == (45, False)
    assert not AuditEvent.objects.exists()


def test_a_reason_that_cannot_be_stored_is_refused(campaign, client):
    assert act(client, "pause", reason="traag\0").status_code == 422
    assert not room(campaign).paused


def test_pause_and_resume(campaign, client):
    act(client, "pause", reason="databank traag")
    assert room(campaign).paused
    page = client.get("/regiekamer/2027/").content.decode()
    assert "Toelaten gepauzeerd" in page
    act(client, "resume", reason="weer snel")
    assert not room(campaign).paused
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == ["room.paused", "room.resumed"]


def test_everybody_who_holds_something_gets_more_time(campaign, client, cast):
    page = client.get("/regiekamer/2027/").content.decode()
    assert "Geef iedereen 5 min extra" in page
    hold = make_hold(campaign, cast.practice, [])
    page = client.post(
        "/regiekamer/2027/", {"do": "extend", "minutes": "5", "reason": "mail traag"}, follow=True
    ).content.decode()
    assert "1 praktijk heeft 5 minuten extra." in page
    assert "5 minuten extra gegeven aan 1 praktijk die een datum vasthield" in page
    assert "Reden: mail traag" in page
    assert Hold.objects.get(practice=cast.practice).expires_at == hold.expires_at + timedelta(minutes=5)


def test_more_time_for_nobody_is_said_so(campaign, client):
    page = client.post("/regiekamer/2027/", {"do": "extend", "minutes": "5", "reason": "x"}, follow=True)
    assert "Er houdt nu niemand een datum vast." in page.content.decode()


@pytest.mark.parametrize("minutes", ["0", "31", "-1", "vijf", "", "2,5"])
def test_an_impossible_extension_is_refused_and_what_was_typed_stays(campaign, client, cast, minutes):
    hold = make_hold(campaign, cast.practice, [])
    response = act(client, "extend", minutes=minutes, reason="de mail was traag")
    assert response.status_code == 422
    assert 'value="de mail was traag"' in response.content.decode()
    assert Hold.objects.get(practice=cast.practice).expires_at == hold.expires_at
    assert not AuditEvent.objects.exists()


def test_one_message_to_all_who_wait(campaign, client):
    act(client, "say", text="De mail werkt weer. <b>Rustig</b> aan.")
    assert room(campaign).message == "De mail werkt weer. <b>Rustig</b> aan."
    page = client.get("/regiekamer/2027/").content.decode()
    assert "&lt;b&gt;Rustig&lt;/b&gt;" in page
    assert "<b>Rustig</b>" not in page
    assert "Bericht getoond: “De mail werkt weer." in page
    act(client, "unsay", reason="niet meer nodig")
    assert room(campaign).message == ""
    assert "Bericht weggehaald" in client.get("/regiekamer/2027/logboek/").content.decode()


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_an_empty_or_endless_message_is_refused(campaign, client, text):
    response = act(client, "say", text=text)
    assert response.status_code == 422
    assert room(campaign).message == ""
    assert not AuditEvent.objects.exists()


def test_an_act_that_does_not_exist_is_not_found(campaign, client):
    assert act(client, "open_alles", reason="ja").status_code == 404
    assert client.post("/regiekamer/2027/").status_code == 404


def test_acts_need_a_csrf_token(campaign, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.organiser)
    assert act(client, "pause", reason="van elders").status_code == 403
    assert not room(campaign).paused


def test_the_log_tells_what_the_room_went_through(client):
    now = timezone.now()
    campaign = make_campaign(slug="2027", opens_at=now - timedelta(hours=2), closes_at=now - timedelta(minutes=1))
    campaign.room.rounds.update(
        frozen_at=campaign.opens_at,
        first_number=1,
        drawn_count=4873,
        list_hash=b"",
        drawn_at=campaign.opens_at + timedelta(seconds=3),
    )
    log = client.get("/regiekamer/2027/logboek/").content.decode()
    told = ["Bestellen is gesloten", "zonder toevalsgetal", "4.873 praktijken loten mee", "zegel is gepubliceerd"]
    assert sorted(told, key=log.index) == told


def test_the_log_of_one_night_holds_nothing_of_another(client, cast):
    make_campaign(slug="2027")
    other = make_campaign(slug="2028")
    client.post("/regiekamer/2028/", {"do": "pause", "reason": "proef"})
    assert room(other).paused
    assert "Toelaten gepauzeerd" not in client.get("/regiekamer/2027/logboek/").content.decode()
