"""What a practice says of what came: in time, late with a word why, mended, and never lost."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from balie.ordering.cold_chain import Cold, is_broken, is_slow, is_warm
from balie.ordering.models import Campaign, Intake, IntakeLine, PreAlert
from balie.ordering.queries.intakes import Standing, read_intakes_of_day, read_taken
from balie.ordering.rules import RulesError
from balie.ordering.services.delivery_rules import DeliveryRules
from balie.ordering.services.intakes import Count, Said, report_intake
from balie.ordering.tests.desk import MONDAY
from balie.practices.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

NOON = datetime(2027, 10, 4, 10, tzinfo=UTC)
IN_TIME_UNTIL = datetime(2027, 10, 5, 22, tzinfo=UTC)  # a day after the end of that Monday, Dutch time
GOOD = Cold("good", None, None, 20)
WHOLE = Said("whole", cold=GOOD)
WARM = Cold("absent", Decimal("22.5"), None, 20)
BROKEN = Said("whole", cold=WARM, story="De doos stond in de zon", reach="Anna, 06 12345678", set_apart=True)
CAME = {"outcome": "whole", "indicator": "good", "fridge_minutes": "20"}


@pytest.fixture
def came(handed, now):
    """It is the day on which it came."""
    now(NOON)
    return handed


def say(consignment, said=WHOLE, *, actor, revision=None, at=NOON, **more) -> Intake:
    return report_intake(consignment=consignment, said=said, revision=revision, actor=actor, at=at, **more)


def short(consignment, flu: int, damaged: int = 0) -> Said:
    first, second = consignment.line_product
    return Said("differs", {first: Count(flu, damaged), second: Count(20)}, GOOD)


def codes(refused) -> set[str]:
    return {f"{finding.at}:{finding.code}" for finding in refused.value.findings}


def address(consignment) -> str:
    return f"/bestellen/2027/bezorgingen/{consignment.pk}/"


def test_all_that_came_is_said_in_one_word(came, cast):
    mine, theirs = came
    intake = say(mine, actor=cast.owner)
    lines = {line.product.code: (line.expected, line.received, line.damaged) for line in intake.lines.all()}
    assert lines == {"flu": (100, 100, 0), "pneumo": (20, 20, 0)}
    assert (intake.cold, intake.due_at) == ("kept", IN_TIME_UNTIL)
    act = AuditEvent.objects.get(action="delivery.reported")
    assert (act.actor, act.practice, act.subject) == (cast.owner, cast.practice, mine.number)
    assert [each.standing for each in read_intakes_of_day(mine.campaign, MONDAY)] == [Standing.OPEN, Standing.WHOLE]
    assert read_taken(theirs).intake is None


def test_the_same_again_is_nothing_and_something_else_is_a_revision(came, cast):
    mine, _theirs = came
    say(mine, actor=cast.owner)
    assert say(mine, actor=cast.owner).revision == 0, "a double click"
    changed = say(mine, short(mine, 80, 10), actor=cast.colleague, revision=0)
    assert (changed.revision, changed.changed_by, changed.said_by) == (1, cast.colleague, cast.owner)
    assert IntakeLine.objects.filter(intake=changed).count() == 2
    assert AuditEvent.objects.filter(action__startswith="delivery.").count() == 2
    with pytest.raises(RulesError) as refused:
        say(mine, short(mine, 70), actor=cast.owner, revision=0)
    assert codes(refused) == {"intake:overtaken"}


def test_short_and_damaged_are_counted(came, cast):
    taken = read_taken(say(came[0], short(came[0], 80, 10), actor=cast.owner).consignment)
    assert taken.standing is Standing.DIFFERS
    assert [(line.received, line.damaged, line.usable) for line in taken.wrong] == [(80, 10, 70)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(""), "outcome:empty"),
        (Said("whole", cold=Cold("", None, None, 5)), "indicator:empty"),
        (Said("whole", cold=Cold("absent", None, None, 5)), "temperature:empty"),
        (Said("whole", cold=Cold("good", Decimal(9), None, 5)), "warm_minutes:empty"),
        (Said("whole", cold=Cold("good", None, None, None)), "fridge_minutes:empty"),
        (Said("whole", cold=WARM), "story:broken"),
        (Said("whole", cold=WARM, story="Zon", reach="Anna"), "set_apart:broken"),
        (Said("whole", cold=GOOD, reason="x" * 501), "reason:too_long"),
        (Said("whole", cold=GOOD, reason="\0"), "reason:too_long"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(came, cast, said, code):
    with pytest.raises(RulesError) as refused:
        say(came[0], said, actor=cast.owner)
    assert code in codes(refused)
    assert not Intake.objects.exists()


def test_amounts_that_cannot_be_are_refused(came, cast):
    mine = came[0]
    flu = mine.line_product[0]
    for said, code in (
        (short(mine, 100), "outcome:whole"),
        (short(mine, 5, 6), f"damaged-{flu}:range"),
        (short(mine, 10**6), f"received-{flu}:range"),
    ):
        with pytest.raises(RulesError) as refused:
            say(mine, said, actor=cast.owner)
        assert code in codes(refused)


def test_nothing_is_said_before_it_can_come(handed, cast):
    with pytest.raises(RulesError) as refused:
        say(handed[0], actor=cast.owner)
    assert codes(refused) == {"intake:early"}


def test_after_the_time_a_word_why_is_needed(came, cast):
    mine, _theirs = came
    late = IN_TIME_UNTIL + timedelta(seconds=1)
    with pytest.raises(RulesError) as refused:
        say(mine, actor=cast.owner, at=late)
    assert codes(refused) == {"reason:late"}
    said = Said("whole", cold=GOOD, reason="Wij waren dicht")
    assert say(mine, said, actor=cast.owner, at=late).reason == "Wij waren dicht"


def test_the_time_begins_when_its_window_ends(came, cast):
    mine, _theirs = came
    PreAlert.objects.create(consignment=mine, starts=time(8), ends=time(11), given_at=NOON, given_by=cast.organiser)
    assert say(mine, actor=cast.owner).due_at == datetime(2027, 10, 5, 9, tzinfo=UTC)
    Campaign.objects.update(report_hours=48)
    assert read_taken(came[1]).due_at == IN_TIME_UNTIL + timedelta(days=1)


def test_after_the_time_only_staff_who_were_phoned_mend_it(came, cast):
    mine, _theirs = came
    say(mine, actor=cast.owner)
    late = IN_TIME_UNTIL + timedelta(hours=1)
    said = Said("whole", cold=Cold("good", None, None, 30), reason="Belde: verkeerd ingevuld")
    with pytest.raises(RulesError) as refused:
        say(mine, said, actor=cast.owner, at=late, revision=0)
    assert codes(refused) == {"intake:over"}
    assert say(mine, said, actor=cast.organiser, at=late, revision=0, by_phone=True).revision == 1


def test_what_did_not_come_may_come_on_the_next_working_day(came, cast):
    mine, _theirs = came
    Campaign.objects.update(holidays=["2027-10-05"])
    intake = say(mine, Said("not_come"), actor=cast.owner)
    assert (intake.cold, intake.due_at) == ("none", datetime(2027, 10, 7, 22, tzinfo=UTC))
    assert say(mine, actor=cast.owner, revision=0, at=intake.due_at).outcome == "whole"


def test_what_comes_no_more_is_not_taken_in(came, cast):
    type(came[0]).objects.filter(pk=came[0].pk).update(withdrawn=True)
    with pytest.raises(RulesError) as refused:
        say(came[0], actor=cast.owner)
    assert codes(refused) == {"intake:withdrawn"}


RULES = DeliveryRules()


@pytest.mark.parametrize(
    ("cold", "broken"),
    [
        (Cold("good", None, None, 20), False),
        (Cold("tripped", Decimal(5), None, 20), True),
        (Cold("good", Decimal("1.9"), None, 20), True),
        (Cold("good", Decimal(2), None, 20), False),
        (Cold("good", Decimal(8), None, 20), False),
        (Cold("good", Decimal(20), 120, 20), False),
        (Cold("good", Decimal(20), 121, 20), True),
        (Cold("good", Decimal(21), 10, 20), False),
        (Cold("good", Decimal("21.1"), 1, 20), True),
    ],
)
def test_the_chain_is_broken_as_the_rules_say(cold, broken):
    assert is_broken(cold, RULES) is broken


def test_other_rules_judge_otherwise():
    cold = Cold("good", Decimal(10), 90, 61)
    assert not is_broken(cold, RULES)
    assert is_broken(cold, DeliveryRules(warm_minutes=60))
    assert is_warm(cold, RULES)
    assert not is_warm(cold, DeliveryRules(warm_from=10))
    assert is_slow(cold, RULES)
    assert not is_slow(cold, DeliveryRules(fridge_minutes=90))


def test_a_broken_chain_is_kept_with_what_staff_need(came, cast):
    intake = say(came[0], BROKEN, actor=cast.owner)
    assert (intake.cold, intake.story, intake.set_apart) == ("broken", "De doos stond in de zon", True)
    mended = say(came[0], WHOLE, actor=cast.owner, revision=0)
    assert (mended.cold, mended.story, mended.reach, mended.set_apart) == ("kept", "", "", False)


def test_the_database_refuses_what_no_service_writes(came, cast):
    """The control of each guard: the harm, done past the service, is refused."""
    mine, _theirs = came
    say(mine, actor=cast.owner)
    late = IN_TIME_UNTIL + timedelta(days=1)
    for wrong in (
        {"cold": "broken"},
        {"outcome": "not_come"},
        {"outcome": "mooi"},
        {"said_at": late},
        {"changed_at": late, "revision": 1},
        {"revision": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Intake.objects.filter(consignment=mine).update(**wrong)
    for wrong in ({"damaged": 101}, {"received": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            IntakeLine.objects.filter(product__code="flu").update(**wrong)
    fields = {"rules_version": 1, "outcome": "whole", "cold": "kept", "due_at": late, "said_at": NOON}
    with pytest.raises(IntegrityError), transaction.atomic():
        Intake.objects.create(consignment=mine, said_by=cast.owner, **fields)


def test_somebody_at_the_fridge_says_it_on_a_page(came, cast, browse):
    mine, _theirs = came
    owner = browse(cast.owner)
    assert "Meld wat er kwam" in owner.get("/bestellen/2027/bezorgingen/").content.decode()
    assert "Wat kwam er maandag 4 oktober?" in owner.get(address(mine)).content.decode()
    page = owner.post(address(mine), CAME, follow=True).content.decode()
    assert "Gemeld: alles is er." in page
    assert "alles is er" in owner.get("/bestellen/2027/bezorgingen/").content.decode()
    assert "Verbeteren kan tot woensdag 6 oktober om 00.00 uur." in owner.get(address(mine)).content.decode()


def test_a_broken_chain_is_asked_about_and_advised(came, cast, browse):
    mine, _theirs = came
    owner = browse(cast.owner)
    typed = {"outcome": "whole", "indicator": "absent", "temperature": "22,5", "fridge_minutes": "20"}
    answer = owner.post(address(mine), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    for words in ("De koude keten is onderbroken", "Gebruik deze doses niet.", 'value="22,5"', "088 123 45 67"):
        assert words in page
    more = {"story": "Zon", "reach": "Anna, 06 12345678", "set_apart": "on"}
    assert "Gebruik deze doses niet" in owner.post(address(mine), typed | more, follow=True).content.decode()
    said = owner.get(address(mine)).content.decode()
    assert "Laat ze apart liggen" in said
    assert "22,5 °C" in said


def test_what_was_typed_stays_when_something_is_wrong(came, cast, browse):
    mine, _theirs = came
    flu, pneumo = mine.line_product
    typed = {"outcome": "differs", "indicator": "good", "fridge_minutes": "snel", "temperature": "lauw"}
    typed |= {f"received-{flu}": "veel", f"received-{pneumo}": "20", f"batch-{flu}": "AB12"}
    answer = browse(cast.owner).post(address(mine), typed)
    assert answer.status_code == 422
    for kept in ("veel", "snel", "lauw", "AB12"):
        assert f'value="{kept}"' in answer.content.decode()
    assert not Intake.objects.exists()


@pytest.mark.parametrize("revision", ["", "-1", "²", "9" * 40, "x"])
def test_a_strange_revision_is_no_revision(came, cast, browse, revision):
    say(came[0], actor=cast.owner)
    changed = CAME | {"fridge_minutes": "30", "revision": revision}
    answer = browse(cast.owner).post(address(came[0]), changed)
    assert (answer.status_code, "Een collega meldde intussen" in answer.content.decode()) == (422, True)


def test_others_do_not_find_it(came, cast, browse):
    mine, _theirs = came
    for who in (cast.outsider, cast.organiser, "driver"):
        client = browse(who)
        assert client.get(address(mine)).status_code == client.post(address(mine), CAME).status_code == 404
    assert browse(cast.outsider).get("/bestellen/2027/bezorgingen/").status_code == 200, "it has its own"
    assert browse(cast.owner).get("/bestellen/2027/bezorgingen/9999999/").status_code == 404
    assert not Intake.objects.exists()


def test_staff_and_distributor_see_what_is_wrong_first(came, cast, browse):
    mine, theirs = came
    say(mine, actor=cast.owner)
    say(theirs, BROKEN, actor=cast.outsider)
    for who in (cast.organiser, "driver"):
        page = browse(who).get("/bezorging/2027/2027-10-04/ontvangst/").content.decode()
        assert page.index(theirs.practice.name) < page.index(mine.practice.name)
        for words in ("koude keten onderbroken", "De doos stond in de zon", "Anna, 06 12345678", "alles is er"):
            assert words in page
    assert browse(cast.owner).get("/bezorging/2027/2027-10-04/ontvangst/").status_code == 404
    assert browse("driver").get("/bezorging/2027/2027-10-05/ontvangst/").status_code == 404
    listed = browse("driver").get("/bezorging/2027/2027-10-04/ontvangst.csv").content.decode("utf-8-sig")
    rows = [row.split(";") for row in listed.splitlines()]
    assert [(row[1], *row[7:11]) for row in rows[1:3]] == [
        (theirs.number, "Griepvaccin", "100", "100", "0"),
        (theirs.number, "Pneumokokkenvaccin", "20", "20", "0"),
    ]


def test_who_says_nothing_for_too_long_is_seen(came, cast, browse, now):
    page = "/bezorging/2027/2027-10-04/ontvangst/"
    assert "te lang niets gemeld" not in browse(cast.organiser).get(page).content.decode()
    now(IN_TIME_UNTIL + timedelta(minutes=1))
    assert "te lang niets gemeld" in browse(cast.organiser).get(page).content.decode()


def test_the_order_leads_to_its_deliveries(came, cast, browse):
    page = browse(cast.owner).get("/bestellen/2027/bestelling/").content.decode()
    assert "/bestellen/2027/bezorgingen/" in page
    assert "Meld wat er kwam" in page
