"""The time that a practice hears beforehand: given by list or by hand, all or nothing, and told once."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from balie.lib.sqlfiles import read_sql
from balie.mail.models import OutboxMail
from balie.ordering.alert_file import TimesFile, Window, read_one, read_time, read_times
from balie.ordering.models import Campaign, LateRequest, PreAlert
from balie.ordering.rules import RulesError
from balie.ordering.services.alerts import Outcome, give_times
from balie.ordering.services.letters import render_pre_alert
from balie.ordering.tests.delivering.conftest import READY
from balie.ordering.tests.desk import MONDAY
from balie.practices.importing.problems import FileError
from balie.practices.models import AuditEvent
from balie.practices.tests.workbooks import make_workbook

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

PAGE = "/bezorging/2027/2027-10-04/tijden/"
MORNING, NOON = Window(time(8), time(11)), Window(time(12), time(14, 30))
AFTER = datetime(2027, 10, 5, 8, tzinfo=UTC)


def give(campaign, cast, windows: dict[int, Window]) -> dict[int, Outcome]:
    file = TimesFile(windows, dict.fromkeys(windows, 2))
    report = give_times(campaign=campaign, day=MONDAY, file=file, actor=cast.organiser)
    return {each.alert.delivery: each.outcome for each in report}


def tell(at: datetime) -> int:
    """The worker's turn at that moment."""
    query = read_sql("ordering", "tell_alerts").replace("now()", "%(now)s::timestamptz")
    with connection.cursor() as cursor:
        cursor.execute(query, {"most": 100, "mail_domain": "balie.example", "now": at})
        return int(cursor.fetchone()[0])


def change_late(campaign, consignment, person) -> None:
    """The organiser granted a change after the hand-over."""
    LateRequest.objects.create(
        campaign=campaign,
        practice=consignment.practice,
        number=consignment.number,
        kind=LateRequest.Kind.CHANGE,
        fee_cents=4000,
        reason="Vergeten.",
        asked_at=timezone.now(),
        asked_by=person,
        state=LateRequest.State.GRANTED,
        decided_at=timezone.now() + timedelta(hours=1),
        line_day=[MONDAY],
    )


def test_times_are_given_once_and_changed_and_the_same_again_is_nothing(campaign, cast, handed):
    mine, theirs = handed
    assert set(give(campaign, cast, {mine.pk: MORNING, theirs.pk: NOON}).values()) == {Outcome.NEW}
    assert set(give(campaign, cast, {mine.pk: MORNING, theirs.pk: NOON}).values()) == {Outcome.SAME}
    assert AuditEvent.objects.filter(action="deliveries.timed").count() == 1
    assert give(campaign, cast, {mine.pk: NOON}) == {mine.pk: Outcome.CHANGED}
    assert PreAlert.objects.get(consignment=mine).revision == 2
    assert PreAlert.objects.get(consignment=theirs).revision == 1
    act = AuditEvent.objects.filter(action="deliveries.timed").latest("pk")
    assert act.detail["times"] == {str(mine.pk): "12:00-14:30"}


def test_a_practice_is_told_once_so_many_working_days_before(campaign, cast, handed):
    mine, _theirs = handed
    give(campaign, cast, {mine.pk: MORNING})
    assert tell(datetime(2027, 9, 30, 21, 59, tzinfo=UTC)) == 0, "Friday is the working day before that Monday"
    assert tell(datetime(2027, 9, 30, 22, 1, tzinfo=UTC)) == 1
    assert tell(datetime(2027, 10, 1, 8, tzinfo=UTC)) == 0
    mails = OutboxMail.objects.filter(kind="pre_alert")
    assert {mail.recipient for mail in mails} == {cast.practice.email}
    letter = render_pre_alert(mails.get().reference)
    assert letter.subject == f"{mine.number}: uw vaccins komen maandag 4 oktober tussen 8.00 en 11.00 uur"
    for words in (mine.address, "Griepvaccin: 100 doses", "binnen 60 minuten in de koelkast"):
        assert words in letter.text
    assert "veranderd" not in letter.text
    give(campaign, cast, {mine.pk: NOON})
    assert tell(datetime(2027, 10, 1, 9, tzinfo=UTC)) == 1
    again = render_pre_alert(mails.latest("pk").reference)
    assert "De tijd van uw bezorging is veranderd" in again.text
    assert "tussen 12.00 en 14.30 uur" in again.html


def test_the_campaign_says_how_many_days_before(campaign, cast, handed):
    give(campaign, cast, {handed[0].pk: MORNING})
    Campaign.objects.filter(pk=campaign.pk).update(alert_days=3)
    assert tell(datetime(2027, 9, 28, 12, tzinfo=UTC)) == 0
    assert tell(datetime(2027, 9, 29, 12, tzinfo=UTC)) == 1


def test_what_has_come_or_comes_no_more_is_not_told(campaign, cast, handed):
    mine, theirs = handed
    give(campaign, cast, {mine.pk: MORNING, theirs.pk: NOON})
    type(theirs).objects.filter(pk=theirs.pk).update(withdrawn=True)
    assert tell(datetime(2027, 10, 4, 9, 1, tzinfo=UTC)) == 0, "it came between 8 and 11, Dutch time"
    assert tell(datetime(2027, 10, 4, 8, 59, tzinfo=UTC)) == 1


def test_who_changed_late_hears_no_time_unless_the_campaign_says_so(campaign, cast, handed, browse):
    mine, theirs = handed
    give(campaign, cast, {mine.pk: MORNING, theirs.pk: MORNING})
    change_late(campaign, mine, cast.owner)
    assert tell(datetime(2027, 10, 1, 8, tzinfo=UTC)) == 1
    assert not OutboxMail.objects.filter(reference__startswith=f"alert:{mine.pk}:").exists()
    assert give(campaign, cast, {mine.pk: NOON}) == {mine.pk: Outcome.WITHOUT}
    order = "/bestellen/2027/bestelling/"
    assert "krijgt u vooraf geen tijd" in browse(cast.owner).get(order).content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(late_without_alert=False)
    assert tell(datetime(2027, 10, 1, 8, tzinfo=UTC)) == 1
    assert "tussen 8.00 en 11.00 uur" in browse(cast.owner).get(order).content.decode()


def test_the_page_of_the_order_says_when(campaign, cast, handed, browse):
    page = "/bestellen/2027/bestelling/"
    assert "mailen wij u op vrijdag 1 oktober" in browse(cast.owner).get(page).content.decode()
    give(campaign, cast, {handed[0].pk: MORNING})
    assert (
        "De bezorger komt maandag 4 oktober tussen 8.00 en 11.00 uur." in browse(cast.owner).get(page).content.decode()
    )
    assert "tussen 8.00" not in browse(cast.outsider).get(page).content.decode()


def test_a_day_that_is_over_gets_no_times(campaign, cast, handed, now):
    now(AFTER)
    with pytest.raises(RulesError, match="voorbij"):
        give(campaign, cast, {handed[0].pk: MORNING})


def test_what_was_withdrawn_meanwhile_refuses_all(campaign, cast, handed):
    mine, theirs = handed
    type(theirs).objects.filter(pk=theirs.pk).update(withdrawn=True)
    with pytest.raises(RulesError, match="intussen"):
        give(campaign, cast, {mine.pk: MORNING, theirs.pk: NOON})
    assert not PreAlert.objects.exists()


def test_the_database_knows_one_time_that_goes_forward(campaign, cast, handed):
    mine, _theirs = handed
    fields = {"consignment": mine, "given_at": READY, "given_by": cast.organiser}
    for wrong in ({"starts": time(11), "ends": time(8)}, {"starts": time(8), "ends": time(9), "told_revision": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PreAlert.objects.create(**fields, **wrong)
    give(campaign, cast, {mine.pk: MORNING})
    with pytest.raises(IntegrityError), transaction.atomic():
        PreAlert.objects.create(**fields, starts=time(8), ends=time(9))


def test_without_the_mark_a_practice_would_be_told_again(campaign, cast, handed):
    """The control of telling once: what is told is what the mark says, not what is in the outbox."""
    give(campaign, cast, {handed[0].pk: MORNING})
    at = datetime(2027, 10, 1, 8, tzinfo=UTC)
    assert (tell(at), tell(at)) == (1, 0)
    PreAlert.objects.update(told_revision=0, told=0)
    assert tell(at) == 1
    assert OutboxMail.objects.filter(kind="pre_alert").count() == 1, "the outbox takes a message once"


def csv(*rows: str) -> bytes:
    return "\n".join(("bezorging;van;tot;praktijk", *rows)).encode()


def test_a_list_is_read_with_its_other_columns_and_empty_rows():
    found = read_times(csv("7;8;11.00;De Linde", "8;;;De Eik", "9;13:30:00;15.15 uur;De Beuk"), known={7, 8, 9})
    assert found.problems == []
    assert found.windows == {7: Window(time(8), time(11)), 9: Window(time(13, 30), time(15, 15))}
    book = make_workbook(["Delivery", "From", "Until"], ["7", "8:00", "9:00"])
    assert read_times(book, known={7}).windows == {7: Window(time(8), time(9))}


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("12;8;11;", "is geen bezorging van deze dag"),
        ("x;8;11;", "is geen bezorging van deze dag"),
        ("²;8;11;", "is geen bezorging van deze dag"),
        ("7;8;;", "Er staat niets"),
        ("7;25:00;26:00;", "is geen tijd"),
        ("7;8.60;9;", "is geen tijd"),
        ("7;'s ochtends;9;", "is geen tijd"),
        ("7;11;8;", "niet later"),
        ("7;8;8;", "niet later"),
    ],
)
def test_one_wrong_row_is_said_with_its_place(row, wrong):
    found = read_times(csv("8;8;9;", row), known={7, 8})
    assert all(str(each).startswith("Regel 3") for each in found.problems)
    assert wrong in str(found.problems[0])


def test_a_delivery_stands_in_a_list_once():
    assert "staat ook op regel 2" in str(read_times(csv("7;8;9;", "7;8;9;"), known={7}).problems[0])


@pytest.mark.parametrize(
    "content", [b"", b"a;b;c\n1;2;3", b"bezorging;van;tot\n7;;", b"%PDF-1.7", b"x" * (1024**2 + 1)]
)
def test_what_is_no_list_is_refused_whole(content):
    with pytest.raises(FileError):
        read_times(content, known={7})


def test_times_as_people_write_them():
    texts = {"8": time(8), "08.05": time(8, 5), "23:59": time(23, 59), "24:00": None, "8:5": None, "": None, "-1": None}
    assert {text: read_time(text) for text in texts} == texts
    assert read_one(" 7 ", "8", "9", known={7}).windows == {7: Window(time(8), time(9))}


def test_the_distributor_fills_in_the_list_and_sends_it(campaign, cast, handed, browse):
    driver = browse("driver")
    listed = driver.get("/bezorging/2027/2027-10-04/tijden.csv")
    text = listed.content.decode("utf-8-sig")
    mine, theirs = handed
    filled = text.replace(f"{mine.pk};;", f"{mine.pk};8.00;11.00").replace(f"{theirs.pk};;", f"{theirs.pk};12.00;14.00")
    page = driver.post(PAGE, {"file": SimpleUploadedFile("tijden.csv", filled.encode())}).content.decode()
    assert "De tijden zijn bewaard" in page
    assert "Elk adres heeft een tijd." in page
    assert PreAlert.objects.count() == 2
    assert "08:00;11:00" in driver.get("/bezorging/2027/2027-10-04/tijden.csv").content.decode("utf-8-sig")


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(campaign, cast, handed, browse):
    organiser = browse(cast.organiser)
    answer = organiser.post(PAGE, {"do": "one", "delivery": "abc", "starts": "8", "ends": "9"})
    assert answer.status_code == 422
    assert 'value="abc"' in answer.content.decode()
    assert "is geen bezorging van deze dag" in answer.content.decode()
    assert "Kies eerst een bestand." in organiser.post(PAGE).content.decode()
    good = organiser.post(PAGE, {"do": "one", "delivery": handed[0].pk, "starts": "8", "ends": "9"})
    assert "nieuw" in good.content.decode()
    assert not PreAlert.objects.exclude(given_by=cast.organiser).exists()


def test_others_do_not_find_the_page(campaign, cast, handed, browse):
    for who in (cast.owner, cast.outsider):
        assert browse(who).get(PAGE).status_code == browse(who).post(PAGE).status_code == 404
    for path in ("2027-10-05/tijden/", "2027-10-05/tijden.csv"):
        assert browse("driver").get(f"/bezorging/2027/{path}").status_code == 404


def test_a_lost_mail_is_seen(campaign, cast, handed, browse):
    give(campaign, cast, {handed[0].pk: MORNING})
    tell(datetime(2027, 10, 1, 8, tzinfo=UTC))
    assert "gemaild" in browse("driver").get(PAGE).content.decode()
    OutboxMail.objects.filter(kind="pre_alert").update(state="failed", undelivered_at=READY)
    assert "mail kwam niet aan: bel" in browse("driver").get(PAGE).content.decode()
