"""Accounting for doses: what is charged by which rules, seen before it is sent, and never twice."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from balie.lib.sqlfiles import read_sql
from balie.mail.models import OutboxMail
from balie.ordering.chasing import render_wastage_due
from balie.ordering.cold_chain import Cold
from balie.ordering.models import Campaign, CampaignVersion, Product, WastageAccount, WastageLine
from balie.ordering.queries.wastage import read_account
from balie.ordering.rules import RulesError
from balie.ordering.rules_form import RulesForm
from balie.ordering.services.campaigns import change_rules, rules_of
from balie.ordering.services.intakes import Count, Said, report_intake
from balie.ordering.services.wastage import Spent, account_for_wastage, judge_wastage
from balie.ordering.wastage_form import read_allowance, show_allowance
from balie.ordering.wastage_rules import Doses, WastageRule, allowed_of, bill_of, bill_of_silence
from balie.practices.models import AuditEvent, Practice

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

DUE = date(2028, 1, 31)
AFTERWARDS = datetime(2027, 12, 15, 10, tzinfo=UTC)
TOO_LATE = datetime(2028, 2, 1, 10, tzinfo=UTC)
PAGE = "/bestellen/2027/verantwoording/"
SLIDING = ((100, 300), (200, 200), (300, 150), (400, 100), (500, 75), (None, 50))
FLU = WastageRule(690, ((None, 50),))
PNEUMO = WastageRule(2000, SLIDING, until_expiry=True)


@pytest.fixture
def over(handed, now):
    """The autumn is over: 100 of the one came and 20 of the other, and practices account for them until DUE."""
    Campaign.objects.update(wastage_due=DUE, wastage_chase=[21, 7])
    Product.objects.filter(code="flu").update(price_cents=690, allowance_permille=[50])
    pneumo = Product.objects.filter(code="pneumo")
    pneumo.update(
        price_cents=2000,
        until_expiry=True,
        allowance_upto=[upto for upto, _permille in SLIDING[:-1]],
        allowance_permille=[permille for _upto, permille in SLIDING],
    )
    now(AFTERWARDS)
    return handed


def spent(campaign, flu: Spent, pneumo: Spent) -> dict[int, Spent]:
    first, second = campaign.products.all()
    return {first.pk: flu, second.pk: pneumo}


def send(campaign, cast, said, *, revision=None, at=AFTERWARDS, **more) -> WastageAccount:
    who = {"practice": cast.practice, "actor": cast.owner}
    return account_for_wastage(campaign=campaign, spent=said, revision=revision, at=at, **who, **more)


def codes(refused) -> set[str]:
    return {f"{finding.at}:{finding.code}" for finding in refused.value.findings}


@pytest.mark.parametrize(
    ("rule", "doses", "wasted", "allowed", "charged"),
    [
        (FLU, Doses(300, administered=290, left=10), 10, 15, 0),
        (FLU, Doses(300, administered=280, left=20), 20, 15, 5),
        (FLU, Doses(300, administered=280), 20, 15, 5),
        (FLU, Doses(110, administered=104), 6, 6, 0),
        (FLU, Doses(0), 0, 0, 0),
        (PNEUMO, Doses(100, administered=40, left=60), 0, 30, 0),
        (PNEUMO, Doses(100, administered=40, left=60, expired=60), 60, 30, 30),
        (PNEUMO, Doses(101, administered=40, left=61, expired=61), 61, 21, 40),
        (PNEUMO, Doses(600, administered=500, left=100, expired=50), 50, 30, 20),
        (PNEUMO, Doses(20, carried=10, administered=25, left=5), 0, 6, 0),
        (FLU, Doses(100, apart=50, administered=120, left=0), 0, 5, 0),
        (WastageRule(0), Doses(100), 100, 0, 0),
    ],
)
def test_what_is_charged_follows_from_the_rule(rule, doses, wasted, allowed, charged):
    bill = bill_of(doses, rule)
    assert (bill.wasted, bill.allowed, bill.charged, bill.cents) == (
        wasted,
        allowed,
        charged,
        charged * rule.price_cents,
    )


def test_the_scale_slides():
    rule = WastageRule(1, SLIDING)
    shares = {100: 30, 110: 22, 200: 40, 300: 45, 400: 40, 500: 38, 510: 26}
    assert {doses: allowed_of(doses, rule) for doses in shares} == shares
    assert bill_of_silence(650, FLU) == 650 * 690


def test_an_allowance_as_people_write_it():
    assert read_allowance("5%") == ((None, 50),)
    assert read_allowance("t/m 100: 30%; 200: 7,5; 5 %") == ((100, 300), (200, 75), (None, 50))
    assert read_allowance("") == ()
    assert read_allowance(show_allowance(SLIDING)) == SLIDING
    for wrong in ("t/m 100: 30%", "5%; 10%", "200: 5; 100: 5; 5", "150%", "x", "100: 30, 5"):
        assert read_allowance(wrong) is None, wrong


def test_what_came_is_what_was_taken_in(over, campaign, cast, now):
    mine, _theirs = over
    flu, pneumo = mine.line_product
    now(datetime(2027, 10, 4, 10, tzinfo=UTC))
    said = Said("differs", {flu: Count(90, 10), pneumo: Count(20)}, Cold("good", None, None, 20))
    at = datetime(2027, 10, 4, 10, tzinfo=UTC)
    report_intake(consignment=mine, said=said, revision=None, actor=cast.owner, at=at)
    assert [each.received for each in read_account(campaign, cast.practice).products] == [80, 20]
    assert [each.received for each in read_account(campaign, cast.other_practice).products] == [100, 20]
    cold = Cold("good", Decimal(1), None, 20)
    broken = Said("differs", said.counts, cold, story="Bevroren", reach="Anna", set_apart=True)
    report_intake(consignment=mine, said=broken, revision=0, actor=cast.owner, at=at)
    found = read_account(campaign, cast.practice).products
    assert [(each.received, each.apart) for each in found] == [(0, 80), (0, 20)]


def test_it_is_sent_once_and_mended(over, campaign, cast):
    said = spent(campaign, Spent(administered=80, left=20), Spent(administered=10, left=10))
    account = send(campaign, cast, said)
    assert send(campaign, cast, said).revision == 0
    flu, pneumo = account.lines.all()
    assert (flu.wasted, flu.allowed, flu.charged, flu.cents) == (20, 5, 15, 15 * 690)
    assert (pneumo.wasted, pneumo.charged) == (0, 0)
    better = spent(campaign, Spent(administered=95, left=5), Spent(administered=10, left=10))
    assert send(campaign, cast, better, revision=0).revision == 1
    assert WastageLine.objects.count() == 2
    acts = AuditEvent.objects.filter(action__startswith="wastage.").order_by("pk")
    assert [(act.action, act.detail["cents"]) for act in acts] == [
        ("wastage.accounted", 10350),
        ("wastage.corrected", 0),
    ]
    with pytest.raises(RulesError) as refused:
        send(campaign, cast, said, revision=0)
    assert codes(refused) == {"wastage:overtaken"}


def test_care_organisations_have_a_scale_of_their_own(over, campaign, cast):
    said = spent(campaign, Spent(administered=70, left=30), Spent(administered=20))
    judge = {"campaign": campaign, "practice": cast.practice, "spent": said}
    Product.objects.filter(code="flu").update(care_allowance_upto=[100], care_allowance_permille=[300, 50])
    assert judge_wastage(**judge)[0].bill.charged == 25, "a GP practice"
    Practice.objects.filter(pk=cast.practice.pk).update(kind=Practice.Kind.CARE_ORG)
    assert judge_wastage(**judge)[0].bill.charged == 0
    Product.objects.filter(code="flu").update(care_allowance_upto=[], care_allowance_permille=[])
    assert judge_wastage(**judge)[0].bill.charged == 25, "without one of their own they have everybody's"


def test_other_rules_leave_what_was_sent(over, campaign, cast):
    account = send(campaign, cast, spent(campaign, Spent(administered=80, left=20), Spent(administered=20)))
    Product.objects.update(price_cents=100)
    assert read_account(campaign, cast.practice).cents == 10350
    assert account.rules_version == campaign.version


@pytest.mark.parametrize(
    ("flu", "code"),
    [
        (Spent(administered=101), "administered:more"),
        (Spent(administered=90, left=11), "administered:more"),
        (Spent(administered=-1), "administered:range"),
        (Spent(administered=10**6), "administered:range"),
    ],
)
def test_more_than_there_was_is_refused(over, campaign, cast, flu, code):
    with pytest.raises(RulesError) as refused:
        judge_wastage(campaign=campaign, practice=cast.practice, spent=spent(campaign, flu, Spent()))
    where, _colon, what = code.partition(":")
    assert f"{where}-{campaign.products.first().pk}:{what}" in codes(refused)


def test_what_is_not_asked_does_not_count(over, campaign, cast):
    """Flu of last year is gone; and no more can be past its date than there is."""
    said = spent(campaign, Spent(carried=500, administered=100), Spent(administered=15, left=5, expired=6))
    with pytest.raises(RulesError) as refused:
        judge_wastage(campaign=campaign, practice=cast.practice, spent=said)
    assert codes(refused) == {f"expired-{campaign.products.last().pk}:more"}


def test_after_the_last_day_staff_do_it_with_a_reason(over, campaign, cast, now):
    now(TOO_LATE)
    said = spent(campaign, Spent(administered=100), Spent(administered=20))
    with pytest.raises(RulesError) as refused:
        send(campaign, cast, said, at=TOO_LATE)
    assert codes(refused) == {"wastage:over", "reason:empty"}
    assert send(campaign, cast, said, at=TOO_LATE, by_phone=True, reason="Ziek geweest").reason == "Ziek geweest"
    Campaign.objects.update(wastage_due=None)
    with pytest.raises(RulesError) as refused:
        send(campaign, cast, said)
    assert codes(refused) == {"wastage:closed"}


def test_the_database_refuses_what_no_service_writes(over, campaign, cast):
    """The control of each guard: the harm, done past the service, is refused."""
    account = send(campaign, cast, spent(campaign, Spent(administered=80, left=20), Spent(administered=20)))
    flu = WastageLine.objects.filter(product__code="flu")
    for wrong in ({"administered": 81}, {"expired": 21}, {"wasted": 101}, {"charged": 14}, {"left": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            flu.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(code="flu").update(care_allowance_permille=[50, 30])
    with pytest.raises(IntegrityError), transaction.atomic():
        WastageAccount.objects.filter(pk=account.pk).update(last_on=date(2028, 2, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        WastageAccount.objects.create(
            campaign=campaign,
            practice=cast.practice,
            rules_version=1,
            due_on=DUE,
            last_on=DUE,
            sent_at=AFTERWARDS,
            sent_by=cast.owner,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(code="flu").update(allowance_upto=[100])


def chase(at: datetime) -> int:
    """The worker's turn at that moment."""
    query = read_sql("ordering", "chase_wastage").replace("now()", "%(now)s::timestamptz")
    with connection.cursor() as cursor:
        cursor.execute(query, {"most": 100, "mail_domain": "balie.example", "now": at})
        return int(cursor.fetchone()[0])


def test_who_said_nothing_is_mailed_before_the_last_day(over, campaign, cast):
    send(campaign, cast, spent(campaign, Spent(administered=100), Spent(administered=20)))
    assert chase(datetime(2028, 1, 9, 10, tzinfo=UTC)) == 0
    assert chase(datetime(2028, 1, 10, 10, tzinfo=UTC)) == 1
    assert chase(datetime(2028, 1, 11, 10, tzinfo=UTC)) == 0, "once for each of these days"
    assert chase(datetime(2028, 1, 24, 10, tzinfo=UTC)) == 1
    assert chase(datetime(2028, 2, 1, 10, tzinfo=UTC)) == 0
    mails = OutboxMail.objects.filter(kind="wastage_due")
    assert {mail.recipient for mail in mails} == {cast.other_practice.email}
    letter = render_wastage_due(mails.first().reference)
    assert letter.subject == "Verantwoord uw doses tot en met maandag 31 januari"
    for words in ("alle 120 doses die kwamen: € 1.090", PAGE, "maandag 31 januari 2028"):
        assert words in letter.text.replace("\u00a0", " ")


def test_late_rules_skip_what_is_past(over, campaign):
    """Whoever sets the last day late sends no mail for days that are gone."""
    assert chase(datetime(2028, 1, 30, 10, tzinfo=UTC)) == 2
    assert {mail.reference.rpartition(":")[2] for mail in OutboxMail.objects.filter(kind="wastage_due")} == {"7"}


def test_a_practice_sees_what_it_costs_before_it_sends(over, campaign, cast, browse):
    owner = browse(cast.owner)
    flu, pneumo = campaign.products.all()
    page = owner.get(PAGE).content.decode().replace("\u00a0", " ")
    assert "betaalt u alle doses die kwamen: € 1.090" in page
    typed = {f"administered-{flu.pk}": "80", f"left-{flu.pk}": "15"}
    typed |= {f"administered-{pneumo.pk}": "20", f"left-{pneumo.pk}": "0"}
    looked = owner.post(PAGE, typed | {"do": "look"}).content.decode().replace("\u00a0", " ")
    assert "Dit kost u € 103,50" in looked
    assert "Daarvan niet gegeven en niet over" in looked
    assert not WastageAccount.objects.exists()
    sent = owner.post(PAGE, typed | {"do": "send"}, follow=True).content.decode().replace("\u00a0", " ")
    assert "U betaalt € 103,50." in sent
    assert "Verantwoord uw doses" in owner.get("/bestellen/2027/bezorgingen/").content.decode()


def test_what_was_typed_stays_when_something_is_wrong(over, campaign, cast, browse):
    flu = campaign.products.first()
    answer = browse(cast.owner).post(PAGE, {f"administered-{flu.pk}": "veel", f"left-{flu.pk}": "", "do": "send"})
    assert answer.status_code == 422
    assert 'value="veel"' in answer.content.decode()
    assert not WastageAccount.objects.exists()


def test_others_do_not_find_it(over, campaign, cast, browse):
    for who in (cast.organiser, "driver"):
        assert browse(who).get(PAGE).status_code == 404
    for who in (cast.owner, "driver"):
        for page in ("verantwoording/", "verantwoording.csv"):
            assert browse(who).get(f"/regiekamer/2027/{page}").status_code == 404
    Campaign.objects.update(wastage_due=None)
    assert browse(cast.owner).get(PAGE).status_code == 404


def test_staff_see_who_said_nothing_and_what_the_others_pay(over, campaign, cast, browse):
    send(campaign, cast, spent(campaign, Spent(administered=80, left=20), Spent(administered=20)))
    page = browse(cast.organiser).get("/regiekamer/2027/verantwoording/").content.decode().replace("\u00a0", " ")
    for words in (cast.other_practice.name, "120 doses, € 1.090", "€ 103,50", "100 gegeven, 20 verspild"):
        assert words in page
    listed = browse(cast.organiser).get("/regiekamer/2027/verantwoording.csv").content.decode("utf-8-sig")
    rows = {tuple(row.split(";")[n] for n in (0, 3, 13, 15)) for row in listed.splitlines()[1:]}
    assert (cast.practice.name, "Griepvaccin", "103,50", "") in rows
    assert (cast.other_practice.name, "Griepvaccin", "", "690,00") in rows


def test_the_rules_are_part_of_a_version(campaign, cast):
    rules = rules_of(campaign)
    form = RulesForm.stored(rules)
    form.values |= {"wastage_due": "2028-01-31", "wastage_chase": "7, 21"}
    form.products[0] |= {"price": "6,90", "allowance": "5%"}
    form.products[1] |= {"price": "20", "allowance": show_allowance(SLIDING), "until_expiry": "ja"}
    change_rules(campaign=campaign, rules=form.rules(), actor=cast.organiser, reason="Dit jaar")
    after = rules_of(Campaign.objects.get(pk=campaign.pk))
    assert (after.wastage_due, after.wastage_chase) == (DUE, (21, 7))
    assert [(each.price_cents, each.allowance, each.until_expiry) for each in after.products] == [
        (690, ((None, 50),), False),
        (2000, SLIDING, True),
    ]
    assert CampaignVersion.objects.get().rules["products"][0]["price_cents"] == 690
    assert RulesForm.stored(after).rules() == after


@pytest.mark.parametrize(
    ("name", "text"),
    [("price", "gratis"), ("price", "2000,00"), ("allowance", "veel"), ("until_expiry", "misschien")],
)
def test_rules_that_cannot_be_read_are_named(campaign, cast, name, text):
    form = RulesForm.stored(rules_of(campaign))
    form.products[0][name] = text
    with pytest.raises(RulesError) as refused:
        change_rules(campaign=campaign, rules=form.rules(), actor=cast.organiser, reason="Dit jaar")
    assert {finding.at for finding in refused.value.findings} == {f"products[0].{name}"}


@pytest.mark.parametrize(
    ("name", "text"), [("wastage_due", "31 januari"), ("wastage_chase", "366"), ("wastage_chase", "x")]
)
def test_a_strange_last_day_is_named(campaign, cast, name, text):
    form = RulesForm.stored(rules_of(campaign))
    form.values[name] = text
    with pytest.raises(RulesError) as refused:
        change_rules(campaign=campaign, rules=form.rules(), actor=cast.organiser, reason="Dit jaar")
    assert {finding.at for finding in refused.value.findings} == {name}
