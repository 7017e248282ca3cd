"""Care organisations order by a minimum and a cap of their own, where the campaign has these."""

import pytest
from django.test import Client

from balie.ordering.models import Campaign
from balie.ordering.queries.prepared import read_asked
from balie.ordering.testing import make_campaign, make_product
from balie.ordering.tests.desk import MONDAY, TUESDAY
from balie.practices.models import AuditEvent, PastUse, Practice
from balie.practices.testing import make_cast


async def outcome(desk, conn, member, doses):
    answer = await desk.hold_flu(conn, member, doses)
    return answer.outcome, [error["code"] for error in answer.detail.get("errors", [])]


async def care_for_linde(desk, conn, rules: str) -> None:
    await conn.execute("update practices_practice set kind = 'care_org' where id = %s", (desk.linde.practice,))
    await conn.execute(f"update ordering_campaign set {rules}".encode())
    for member in (desk.linde, desk.eik):
        await conn.execute(
            "insert into practices_past_use (practice_id, year, product_code, ordered, administered)"
            " values (%s, (select year - 1 from ordering_campaign), 'flu', 200, 150)",
            (member.practice,),
        )


async def test_their_minimum_is_their_own(desk, conn):
    await care_for_linde(desk, conn, "care_minimum = 50")
    assert await outcome(desk, conn, desk.linde, 40) == ("bad_lines", ["minimum"])
    assert await outcome(desk, conn, desk.linde, 50) == ("held", [])
    assert await outcome(desk, conn, desk.eik, 40) == ("held", [])


async def test_their_cap_is_their_own(desk, conn):
    await care_for_linde(desk, conn, "cap_percent = 100, care_cap_percent = 150")
    assert await outcome(desk, conn, desk.linde, 300) == ("held", [])
    assert await outcome(desk, conn, desk.linde, 310) == ("bad_lines", ["cap"])
    assert await outcome(desk, conn, desk.eik, 210) == ("bad_lines", ["cap"])


async def test_a_cap_for_them_alone_binds_nobody_else(desk, conn):
    await care_for_linde(desk, conn, "care_cap_percent = 100")
    assert await outcome(desk, conn, desk.linde, 210) == ("bad_lines", ["cap"])
    assert await outcome(desk, conn, desk.eik, 300) == ("held", [])


async def test_without_rules_of_their_own_they_have_everybodys(desk, conn):
    await care_for_linde(desk, conn, "cap_percent = 100, care_minimum = 20")
    assert await outcome(desk, conn, desk.linde, 210) == ("bad_lines", ["cap"])
    assert await outcome(desk, conn, desk.linde, 10) == ("bad_lines", ["minimum"])


async def test_a_change_is_judged_by_them_too(desk, conn):
    number = await desk.order_flu(conn, desk.linde, 100)
    await care_for_linde(desk, conn, "care_minimum = 50")
    answer = await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 40, TUESDAY))
    assert (answer[0], answer[2]["errors"][0]["code"]) == ("bad_lines", "minimum")
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 50, MONDAY)))[0] == "changed"


@pytest.mark.django_db
def test_pages_advise_by_the_same_rules():
    cast, campaign = make_cast(), make_campaign(cap_percent=100)
    make_product(campaign)
    PastUse.objects.update_or_create(
        practice=cast.practice, year=2026, product_code="flu", defaults={"ordered": 200, "administered": 150}
    )
    Campaign.objects.update(care_minimum=50, care_cap_percent=150)
    campaign.refresh_from_db()
    (everybody,) = read_asked(campaign, cast.practice)
    cast.practice.kind = Practice.Kind.CARE_ORG
    (theirs,) = read_asked(campaign, cast.practice)
    assert [(each.rule.lowest, each.rule.cap) for each in (everybody, theirs)] == [(10, 200), (50, 300)]


@pytest.mark.django_db
def test_the_organiser_says_which_practice_is_one():
    cast = make_cast()
    desk = Client()
    desk.force_login(cast.organiser)
    url = f"/praktijken/{cast.practice.agb_code}/"
    assert "Huisartsenpraktijk." in desk.get(url).content.decode()
    wrong = desk.post(url, {"do": "kind", "kind": "care_org", "kind_reason": " "})
    assert (wrong.status_code, "Geef een reden" in wrong.content.decode()) == (422, True)
    assert desk.post(url, {"do": "kind", "kind": "iets", "kind_reason": "Zo is het"}).status_code == 422
    done = desk.post(url, {"do": "kind", "kind": "care_org", "kind_reason": "Het is een zorgorganisatie"}, follow=True)
    assert "Zorgorganisatie." in done.content.decode()
    cast.practice.refresh_from_db()
    assert cast.practice.kind == "care_org"
    event = AuditEvent.objects.get(action="practice.kind_changed")
    assert (event.practice, event.reason) == (cast.practice, "Het is een zorgorganisatie")
    desk.post(url, {"do": "kind", "kind": "care_org", "kind_reason": "Nog eens"})
    assert AuditEvent.objects.filter(action="practice.kind_changed").count() == 1
