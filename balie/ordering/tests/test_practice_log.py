"""What answers a complaint: everything one practice asked and heard, to the second, by both clocks."""

from datetime import timedelta
from uuid import uuid4

import pytest

from balie.mail.models import MailState, OutboxMail
from balie.ordering import hot
from balie.ordering.models import Campaign
from balie.ordering.queries.practice_log import Moment, read_practice_log
from balie.ordering.services.holds import block_practice, extend_windows
from balie.ordering.tests.desk import MONDAY, TUESDAY, pass_time, value
from balie.ordering.tests.web import off_loop
from balie.practices.mandates import begin_mandate, end_mandate
from balie.practices.models import AuditEvent, Person, Practice

REASON = "Mevrouw Jansen belde"


@pytest.fixture
def organiser(desk):
    return Person.objects.create_user("dina@voorbeeld.example", name="Dina Smit", is_organiser=True)


async def log_of(desk, member) -> list[Moment]:
    return await off_loop(
        lambda: read_practice_log(
            Campaign.objects.select_related("room").get(pk=desk.campaign), Practice.objects.get(pk=member.practice)
        )
    )


def said(log: list[Moment], *, after: str = "opgeroepen") -> list[str]:
    """What is told after the moment with these words."""
    lines = [line.say for line in log]
    return lines[next(place for place, line in enumerate(lines) if after in line) + 1 :]


async def test_a_night_from_asking_to_mail(desk, conn):
    await desk.hold_flu(conn, desk.eik, 600)
    await desk.hold_flu(conn, desk.linde, 600)
    first = await desk.hold(
        conn, desk.wants(desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY, TUESDAY])
    )
    again = desk.wants(desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY, TUESDAY], key=first[0].key)
    for _ in range(2):
        await desk.hold(conn, again)
    await pass_time(conn, 320)
    await hot.sweep(conn, grace_s=12, limit=10)
    assert (await desk.confirm(conn, desk.linde, first[0].key)).outcome == "lapsed"
    held = await desk.hold_flu(conn, desk.linde, 600, TUESDAY)
    for _ in range(2):
        order = await desk.confirm(conn, desk.linde, held.key)
    await off_loop(lambda: OutboxMail.objects.update(state=MailState.SENT, sent_at=order.placed_at, answer="250 Ok"))
    log = await log_of(desk, desk.linde)
    lines = said(log)
    assert lines[0] == "Om een datum gevraagd: geen plaats meer op maandag 4 oktober"
    assert lines[1].startswith("Om een datum gevraagd: dinsdag 5 oktober vastgehouden, tot ")
    assert lines[2].startswith("De tijd was voorbij om ")
    assert lines[2].endswith("; de datum is vrijgegeven")
    assert lines[3] == "Op ‘Bestel definitief’ gedrukt: de tijd was voorbij, er is niets besteld"
    assert lines[4].startswith("Om een datum gevraagd: dinsdag 5 oktober vastgehouden, tot ")
    assert lines[5] == "Op ‘Bestel definitief’ gedrukt: de bestelling staat vast"
    assert lines[6:] == [
        f"Bestelling {order.number} vastgelegd",
        "Bevestiging aan praktijk1@voorbeeld.example klaar om te versturen",
        "Bevestiging aangenomen door de mailserver van praktijk1@voorbeeld.example",
    ]
    assert "Om een datum gevraagd: nog eens hetzelfde, met hetzelfde antwoord" not in lines


async def test_the_moment_that_counts_is_when_the_click_reached_us(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    before = await value(conn, "select clock_timestamp()")
    await desk.confirm(conn, desk.linde, held.key, elapsed_ms=5000)
    click = next(line for line in await log_of(desk, desk.linde) if "definitief" in line.say)
    assert timedelta(seconds=-5.1) < click.at - before < timedelta(seconds=-4)
    assert click.judged_at == await value(conn, "select service_now()") - timedelta(seconds=5)


async def test_others_are_not_in_it(desk, conn):
    requests = [desk.wants(member, desk.flu_for(member, 100)) for member in (desk.linde, desk.eik)]
    await desk.hold(conn, *requests)
    await desk.release(conn, desk.eik, requests[1].key)
    assert len(said(await log_of(desk, desk.linde))) == 1
    assert said(await log_of(desk, desk.eik))[1] == "De datum teruggegeven"


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ("update waitingroom_room set called = 0", "het nummer was nog niet aan de beurt"),
        ("update ordering_campaign set closes_at = now() - interval '1 second'", "bestellen was al gesloten"),
        ("update ordering_campaign set opens_at = now() + interval '1 hour'", "bestellen was nog niet open"),
        ("delete from waitingroom_ticket", "de praktijk was niet in de wachtkamer"),
    ],
)
async def test_every_refusal_is_told(desk, conn, change, answer):
    await conn.execute(change)
    await desk.hold_flu(conn, desk.linde)
    assert (await log_of(desk, desk.linde))[-1].say == f"Om een datum gevraagd: {answer}"


async def test_what_was_wrong_with_the_order_is_told(desk, conn):
    await desk.hold_flu(conn, desk.linde, 15)
    assert said(await log_of(desk, desk.linde)) == [
        "Om een datum gevraagd: de bestelling past niet bij de regels (geen veelvoud van de stap)"
    ]
    await desk.confirm(conn, desk.linde, uuid4())
    assert "er werd niets vastgehouden" in (await log_of(desk, desk.linde))[-1].say


async def test_acts_of_staff_are_in_it_with_their_reasons(desk, conn, organiser):
    def act(make):
        return off_loop(make)

    held = await desk.hold_flu(conn, desk.linde)
    campaign = await off_loop(lambda: Campaign.objects.get(pk=desk.campaign))
    practice = await off_loop(lambda: Practice.objects.get(pk=desk.linde.practice))
    await act(lambda: extend_windows(campaign=campaign, minutes=5, actor=organiser, reason="mail traag"))
    await act(lambda: block_practice(campaign=campaign, practice=practice, actor=organiser, reason="dubbel"))
    await desk.confirm(conn, desk.linde, held.key)
    log = await log_of(desk, desk.linde)
    assert said(log)[1].startswith("Extra tijd van de organisatie: tot ")
    blocked = log[-2]
    assert blocked.say == "Praktijk geblokkeerd; teruggegeven: maandag 4 oktober"
    assert (blocked.by, blocked.reason) == ("Dina Smit", "dubbel")
    assert log[-1].say == "Op ‘Bestel definitief’ gedrukt: de praktijk was geblokkeerd, er is niets besteld"


async def test_an_order_by_phone_says_who_and_why(desk, conn, organiser):
    """In the log of the practice, and in the log of acts, where the SQL writes it."""
    practice = await off_loop(lambda: Practice.objects.get(pk=desk.linde.practice))
    mandate = await off_loop(
        lambda: begin_mandate(person=organiser, practice=practice, reason=REASON, about="campaign:griep-2027")
    )
    request = hot.HoldRequest(practice.pk, uuid4(), organiser.pk, 0, [desk.flu_for(desk.linde)], [])
    await desk.hold(conn, request)
    await off_loop(lambda: end_mandate(mandate=mandate))  # in time, and settled a moment later
    click = hot.ConfirmRequest(practice.pk, request.key, organiser.pk, 500)
    order = (await hot.confirm_batch(conn, desk.campaign, [click]))[0]
    event = await off_loop(lambda: AuditEvent.objects.get(action="order.placed"))
    assert (event.actor_id, event.practice_id, event.reason) == (organiser.pk, practice.pk, REASON)
    log = await log_of(desk, desk.linde)
    placed = next(line for line in log if line.say == f"Bestelling {order.number} vastgelegd")
    assert placed.by == "Dina Smit, telefonisch namens de praktijk"
    asked = next(line for line in log if line.say.startswith("Om een datum"))
    assert asked.by == "Dina Smit, namens de praktijk"
    held = await desk.hold_flu(conn, desk.eik, 100)
    await desk.confirm(conn, desk.eik, held.key)
    assert await off_loop(lambda: AuditEvent.objects.filter(action="order.placed").order_by("pk").last().reason) == ""


async def test_what_was_left_to_balie_says_so(desk, conn):
    request = hot.HoldRequest(desk.linde.practice, uuid4(), None, 0, [desk.flu_for(desk.linde)], [])
    await desk.hold(conn, request)
    await hot.confirm_batch(conn, desk.campaign, [hot.ConfirmRequest(request.practice, request.key, None, 0)])
    log = [line for line in await log_of(desk, desk.linde) if line.by]
    assert {line.by for line in log} == {"Balie, omdat de praktijk dat vroeg"}
    assert [line.say.split(":")[0] for line in log][:2] == ["Om een datum gevraagd", "Definitief besteld"]
