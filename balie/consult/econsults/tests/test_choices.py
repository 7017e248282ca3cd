"""The page on which an organisation chooses for its e-consults: seen by all who work there, changed by who decides."""

from datetime import date

import pytest
from django.urls import reverse

from balie.consult.models import Group, PostChoice, TeamName
from balie.consult.testing import make_group, make_identity
from balie.practices.models import AuditEvent
from balie.practices.testing import logged_in, make_cast

pytestmark = pytest.mark.django_db

PAGE = "/gesprekken/e-consulten/"


@pytest.fixture
def cast():
    cast = make_cast()
    team = make_group(Group.Kind.TEAM, make_identity(cast.outsider))
    TeamName.objects.create(group=team, name="Balie", practice=cast.other_practice, for_patients=True)
    return cast


@pytest.fixture
def owner(cast):
    return logged_in(cast.owner)


@pytest.fixture
def outsider(cast):
    return logged_in(cast.outsider)


def test_a_post_is_asked_and_agrees(cast, owner, outsider):
    sent = {"do": "closing", "moves_to": cast.other_practice.agb_code, "say": " Bel de post in Hoek. "}
    assert owner.post(PAGE, sent).status_code == 302
    chosen = PostChoice.objects.get()
    assert (chosen.moves_to, chosen.agreed_at, chosen.say) == (cast.other_practice, None, "Bel de post in Hoek.")
    assert "moet nog akkoord geven" in owner.get(PAGE).content.decode()
    assert "vraagt of u overneemt" in outsider.get(PAGE).content.decode()
    answer = {"do": "agree", "asker": cast.practice.agb_code}
    assert outsider.post(PAGE, answer).status_code == 302
    chosen.refresh_from_db()
    assert chosen.agreed_at is not None
    owner.post(PAGE, sent | {"say": ""})
    chosen.refresh_from_db()
    assert chosen.agreed_at is not None, "the same post need not be asked again"
    outsider.post(PAGE, answer | {"do": "refuse"})
    chosen.refresh_from_db()
    assert (chosen.moves_to, chosen.agreed_at) == (None, None)
    acts = AuditEvent.objects.filter(action__startswith="econsult.").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["econsult.chosen", "econsult.takes_over", "econsult.chosen", "econsult.takes_over_not"]


def test_another_post_must_agree_anew(cast, owner):
    PostChoice.objects.create(practice=cast.practice, moves_to=cast.other_practice, agreed_at="2026-11-01T12:00Z")
    owner.post(PAGE, {"do": "closing", "moves_to": "", "say": ""})
    owner.post(PAGE, {"do": "closing", "moves_to": cast.other_practice.agb_code, "say": ""})
    assert PostChoice.objects.get().agreed_at is None


@pytest.mark.parametrize("code", ["00000000", "x", "१२३", "its own"])
def test_only_to_another_where_patients_can_write(cast, owner, code):
    if code == "its own":
        code = cast.practice.agb_code
    answer = owner.post(PAGE, {"do": "closing", "moves_to": code, "say": "x"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not PostChoice.objects.exists()


def test_to_oneself_is_refused(cast, outsider):
    answer = outsider.post(PAGE, {"do": "closing", "moves_to": cast.other_practice.agb_code, "say": ""})
    assert answer.status_code == 422
    assert "Dat bent u zelf" in answer.content.decode()


def test_nobody_agrees_to_what_was_not_asked(cast, outsider):
    for do in ("agree", "refuse"):
        assert outsider.post(PAGE, {"do": do, "asker": cast.practice.agb_code}).status_code == 404


def test_days_away_have_words(cast, owner):
    days = {"do": "absence", "away_from": "2026-12-24", "away_until": "2026-12-31", "away_say": "De Eik neemt waar."}
    assert owner.post(PAGE, days).status_code == 302
    chosen = PostChoice.objects.get()
    assert (chosen.away_from, chosen.away_until) == (date(2026, 12, 24), date(2026, 12, 31))
    assert 'value="2026-12-24"' in owner.get(PAGE).content.decode()
    for wrong in ({"away_say": ""}, {"away_from": ""}, {"away_until": "2026-12-01"}, {"away_until": "gisteren"}):
        assert owner.post(PAGE, days | wrong).status_code == 422
    owner.post(PAGE, {"do": "absence", "away_from": "", "away_until": "", "away_say": ""})
    chosen.refresh_from_db()
    assert (chosen.away_from, chosen.away_until, chosen.away_say) == (None, None, "")


@pytest.mark.parametrize("link", ["http://beeld.example/", "javascript:alert(1)", "https://", "beeld", "https://[x"])
def test_video_is_by_https(owner, link):
    assert owner.post(PAGE, {"do": "video", "video_link": link}).status_code == 422


def test_a_video_link_is_kept(owner):
    owner.post(PAGE, {"do": "video", "video_link": "https://beeld.example/{kamer}"})
    assert PostChoice.objects.get().video_link == "https://beeld.example/{kamer}"


def test_who_does_not_decide_reads_and_changes_nothing(cast):
    colleague = logged_in(cast.colleague)
    PostChoice.objects.create(practice=cast.practice, say="Bel de post.")
    page = colleague.get(PAGE).content.decode()
    assert "Bel de post." in page
    assert '<form class="stack' not in page
    assert colleague.post(PAGE, {"do": "closing", "moves_to": "", "say": ""}).status_code == 403
    assert PostChoice.objects.get().say == "Bel de post."


def test_another_practice_sees_nothing_of_it(cast, outsider):
    PostChoice.objects.create(practice=cast.practice, say="Bel de post.", video_link="https://beeld.example/")
    page = outsider.get(reverse("econsult_choices")).content.decode()
    assert "Bel de post." not in page
    assert "beeld.example" not in page
