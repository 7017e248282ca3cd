"""A practice invites a patient: a link that is good once and not for long, a second check, an account."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from balie.mail.models import OutboxMail
from balie.patients.bsn import find_by_bsn
from balie.patients.models import TRIES_MOST, Invitation, Patient
from balie.patients.testing import make_bsn, make_patient
from balie.patients.tests.dump import everything_kept
from balie.patients.tests.invited import BORN, PASSWORD, browser_of, link, register, show, token
from balie.practices.models import AuditEvent, Person
from balie.practices.testing import make_cast, make_membership, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_from_invitation_to_account(cast):
    assert register(browser_of(cast.colleague)).status_code == 302
    letter = OutboxMail.objects.get()
    assert cast.practice.name in letter.body["subject"]
    theirs = Client()
    assert show(theirs, token()).url == "/uitnodiging/account/"
    assert theirs.post("/uitnodiging/account/", {"password": "kort"}).status_code == 422
    assert theirs.post("/uitnodiging/account/", {"password": PASSWORD}).url == "/patient/"
    person = Person.objects.get(email="nadia@voorbeeld.example")
    assert person.check_password(PASSWORD)
    assert Patient.objects.get(practice=cast.practice).person == person
    assert cast.practice.name in theirs.get("/patient/").content.decode()
    assert theirs.get("/").url == "/patient/"
    assert acts() == ["patient.registered", "invitation.sent", "patient.accepted"]
    assert show(Client(), token()).status_code == 422, "the link is good once"


def test_the_secret_is_kept_nowhere_but_in_the_mail(cast):
    register(browser_of(cast.owner))
    secret, rows = token(), everything_kept()
    OutboxMail.objects.update(body=None, state="sent", sent_at=timezone.now())
    assert secret in rows
    assert secret not in everything_kept()
    assert show(Client(), secret).status_code == 302


@pytest.mark.parametrize("wrong", ["18-05-1980", "17-05-1981", "01-01-1970"])
def test_another_date_of_birth_gets_nowhere_and_hears_nothing(cast, wrong):
    register(browser_of(cast.owner))
    refused, unknown = show(Client(), token(), wrong), show(Client(), "x" * 43, BORN)
    assert refused.status_code == unknown.status_code == 422
    assert "nadia" not in refused.content.decode().lower()
    assert acts()[-1] == "invitation.refused"


def test_after_five_wrong_dates_the_right_one_is_too_late(cast):
    register(browser_of(cast.owner))
    for _ in range(TRIES_MOST):
        assert show(Client(), token(), "18-05-1980").status_code == 422
    assert show(Client(), token()).status_code == 422
    assert acts()[-1] == "invitation.locked"
    page = browser_of(cast.owner).get("/patienten/").content.decode()
    assert "5 keer een verkeerde geboortedatum" in page


def test_a_try_less_and_the_right_one_counts(cast):
    """The control of the one above."""
    register(browser_of(cast.owner))
    for _ in range(TRIES_MOST - 1):
        show(Client(), token(), "18-05-1980")
    assert show(Client(), token()).status_code == 302


def test_a_link_that_is_too_old_opens_nothing_also_when_it_was_shown_in_time(cast):
    register(browser_of(cast.owner))
    theirs = Client()
    assert show(theirs, token()).status_code == 302
    Invitation.objects.update(sent_at=F("sent_at") - timedelta(days=8), expires_at=timezone.now() - timedelta(2))
    assert show(Client(), token()).status_code == 422
    assert theirs.post("/uitnodiging/account/", {"password": PASSWORD}).url == "/uitnodiging/"
    assert "uitnodiging verlopen" in browser_of(cast.owner).get("/patienten/").content.decode()


def test_a_new_mail_ends_the_link_before(cast):
    client = browser_of(cast.owner)
    register(client)
    first, theirs = token(), Client()
    assert show(theirs, first).status_code == 302
    assert client.post("/patienten/", {"do": "again", "patient": Patient.objects.get().pk}).status_code == 302
    assert theirs.post("/uitnodiging/account/", {"password": PASSWORD}).url == "/uitnodiging/"
    assert show(Client(), first).status_code == 422
    assert show(Client(), token()).status_code == 302
    assert acts()[-1] == "invitation.sent_again"


def test_what_was_withdrawn_opens_nothing(cast):
    client = browser_of(cast.owner)
    register(client)
    assert client.post("/patienten/", {"do": "withdraw", "patient": Patient.objects.get().pk}).status_code == 302
    assert show(Client(), token()).status_code == 422
    assert "uitnodiging ingetrokken" in client.get("/patienten/").content.decode()


def test_who_has_an_account_logs_in_and_links_it(cast):
    """A GP is a patient somewhere too."""
    register(browser_of(cast.outsider), email=cast.owner.email)
    theirs = Client()
    show(theirs, token(cast.owner.email))
    page = theirs.get("/uitnodiging/account/").content.decode()
    assert "/account/login/?next=/uitnodiging/account/" in page
    assert theirs.post("/uitnodiging/account/", {"password": PASSWORD}).status_code == 200
    assert Patient.objects.get().person is None, "no password of another's account is set by a link"
    theirs.force_login(cast.owner)
    assert theirs.post("/uitnodiging/account/").url == "/patient/"
    assert Patient.objects.get().person == cast.owner
    assert theirs.get("/patienten/").status_code == 200, "and still works for their own practice"


def test_one_account_is_one_patient_of_a_practice(cast):
    person = make_person()
    make_patient(cast.practice, person)
    register(browser_of(cast.owner))
    theirs = browser_of(person)
    show(theirs, token())
    assert theirs.post("/uitnodiging/account/").status_code == 422


def test_a_bsn_is_in_no_mail_page_log_address_or_row(cast, capfd):
    bsn, client = make_bsn(), browser_of(cast.owner)
    answers = [
        register(client, bsn="999990018", name=""),
        register(client, bsn=bsn.digits),
        register(client, bsn=bsn.digits, email="ander@voorbeeld.example"),
        client.get("/patienten/"),
        show(Client(), token()),
    ]
    assert [each.status_code for each in answers] == [422, 302, 422, 200, 302]
    for each in answers:
        said = each.content.decode() + str(each.headers)
        assert bsn.digits not in said
        assert "999990018" not in said
    out, err = capfd.readouterr()
    assert bsn.digits not in everything_kept() + out + err
    assert [each.name for each in find_by_bsn(bsn)] == ["Nadia Peters"]


def test_a_bsn_is_shown_to_who_says_why(cast):
    bsn, client = make_bsn(), browser_of(cast.colleague)
    register(client, bsn=bsn.digits)
    asked = {"do": "bsn", "patient": Patient.objects.get().pk}
    assert client.post("/patienten/", asked).status_code == 422
    shown = client.post("/patienten/", {**asked, "reason": "verwijsbrief"})
    assert bsn.digits in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.last().reason == "verwijsbrief"


def test_nobody_is_asked_for_a_bsn_that_could_not_be_kept(cast, settings):
    settings.BSN_KEY = ""
    assert 'name="bsn"' not in browser_of(cast.owner).get("/patienten/").content.decode()


def test_a_child_may_do_without_an_address_and_nobody_else(cast):
    client = browser_of(cast.owner)
    child = (timezone.localdate() - timedelta(days=365 * 8)).strftime("%d-%m-%Y")
    assert register(client, email="").status_code == 422
    assert register(client, email="", birth_date=child).status_code == 302
    assert not OutboxMail.objects.exists()
    assert "geen eigen account" in client.get("/patienten/").content.decode()
    assert client.post("/patienten/", {"do": "again", "patient": Patient.objects.get().pk}).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"email": "geen"}, {"birth_date": "ooit"}, {"bsn": "123"}, {"name": "\0"}]
)
def test_what_is_wrong_is_said_and_nobody_is_written_to(cast, wrong):
    assert register(browser_of(cast.owner), **wrong).status_code == 422
    assert not Patient.objects.exists()
    assert not OutboxMail.objects.exists()


def test_an_address_is_invited_once(cast):
    client = browser_of(cast.owner)
    assert [register(client).status_code, register(client).status_code] == [302, 422]
    assert register(browser_of(cast.outsider)).status_code == 302, "another practice knows nothing of it"


def test_patients_of_others_cannot_be_told_from_nobody(cast):
    theirs = make_patient(cast.other_practice)
    client = browser_of(cast.owner)
    for do in ("again", "withdraw", "end", "bsn"):
        for key in (theirs.pk, 999999, "x", ""):
            assert client.post("/patienten/", {"do": do, "patient": key, "reason": "weg"}).status_code == 404
    assert theirs.name not in client.get("/patienten/").content.decode()
    assert client.post("/patienten/", {"do": "forget"}).status_code == 404
    assert browser_of(cast.organiser).get("/patienten/").status_code == 404
    assert Client().get("/patienten/").url.startswith("/account/login/")


def test_a_patient_sees_no_practice_from_within(cast):
    theirs = browser_of(make_patient(cast.practice, make_person()).person)
    assert theirs.get("/patienten/").url == "/patient/"
    assert theirs.get("/medewerkers/").url == "/patient/"
    assert theirs.post("/patienten/", {"do": "register"}).url == "/patient/"
    assert Client().get("/patient/").url.startswith("/account/login/")
    assert browser_of(cast.owner).get("/patient/").status_code == 404
    assert browser_of(make_person()).get("/patienten/").status_code == 403


def test_who_is_no_patient_any_more_reads_what_was_theirs(cast):
    patient = make_patient(cast.practice, make_person())
    theirs, client = browser_of(patient.person), browser_of(cast.owner)
    assert client.post("/patienten/", {"do": "end", "patient": patient.pk}).status_code == 422
    ended = client.post("/patienten/", {"do": "end", "patient": patient.pk, "reason": "verhuisd"})
    assert ended.status_code == 302
    assert "Geen praktijk behandelt u hier nog" in theirs.get("/patient/").content.decode()
    assert theirs.get("/gesprekken/").status_code == 200
    assert browser_of(make_person()).get("/gesprekken/").status_code == 403
    client.get("/patienten/")  # which says once that it is done
    assert patient.name not in client.get("/patienten/").content.decode()
    assert AuditEvent.objects.last().reason == "verhuisd"


def test_who_was_ended_can_come_back(cast):
    client = browser_of(cast.owner)
    register(client)
    client.post("/patienten/", {"do": "end", "patient": Patient.objects.get().pk, "reason": "vergissing"})
    assert show(Client(), token()).status_code == 422
    assert register(client).status_code == 302
    assert show(Client(), token()).status_code == 302


def test_somebody_who_works_here_may_be_a_patient_too(cast):
    make_membership(cast.owner, cast.other_practice)
    make_patient(cast.other_practice, cast.owner)
    assert browser_of(cast.owner).get("/patient/").status_code == 200


def test_the_mail_says_nothing_of_health_and_leads_to_us(cast):
    register(browser_of(cast.owner))
    words = OutboxMail.objects.get().body["text"]
    assert link().startswith(f"{settings.ORIGINS[0]}/uitnodiging/#")
    assert "1980" not in words
    assert "Nadia" not in words


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() + timedelta(days=30)},
        {"tries": TRIES_MOST + 1},
        {"accepted_at": timezone.now()},
    ],
    ids=["too long", "too many tries", "accepted and open"],
)
def test_the_database_keeps_to_it_too(cast, change):
    register(browser_of(cast.owner))
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(**change)
