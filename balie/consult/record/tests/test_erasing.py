"""Who asks to destroy a conversation and who decides, what the law lets one refuse, and that all goes or nothing."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from balie.consult.models import (
    Attachment,
    Destruction,
    Econsult,
    Erasure,
    Group,
    GroupKey,
    Hold,
    Identity,
    Keeper,
    LogEntry,
    Member,
    Message,
    Questionnaire,
    SealedCopy,
)
from balie.consult.record.erasing import check, decide_by, read_pending
from balie.consult.record.tests.acting import YEAR, act, say
from balie.consult.testing import make_group, make_identity
from balie.practices.models import AuditEvent, Membership
from balie.practices.testing import logged_in, make_person

TODAY = timezone.localdate().isoformat()


@pytest.fixture
def partner(cast):
    """A second GP of the practice."""
    person = make_person("Pim Jansen")
    Membership.objects.create(person=person, practice=cast.practice, role=Membership.Role.GP)
    make_identity(person)
    return person


@pytest.fixture(autouse=True)
def keys(cast, talk, partner):
    """Who asks and who decides has keys."""
    make_identity(cast.outsider)
    Identity.objects.update(known="{}")


@pytest.fixture
def young(cast, talk):
    """A conversation of this year."""
    made = make_group(Group.Kind.CONVERSATION, *(each.identity for each in talk.members.all()))
    say(made, timedelta(days=9))
    return made


def request_of_patient(person, group, received: str = TODAY):
    return act(person, do="ask", name=group.name, received=received, reason="Brief van de patiënt")


def whats(group) -> list[str]:
    return list(LogEntry.objects.filter(book__group=group).order_by("number").values_list("what", flat=True))


def test_what_is_past_its_term_goes_when_a_second_person_decides(cast, talk, partner):
    assert act(cast.owner, do="propose", name=talk.name, reason="Oud").status_code == 302
    alone = act(cast.owner, do="grant", name=talk.name)
    assert (alone.status_code, Message.objects.count()) == (422, 1)
    assert "Een andere huisarts of manager beslist" in alone.content.decode()
    assert act(partner, do="grant", name=talk.name).status_code == 302
    for each in (Message, GroupKey, Member):
        assert not each.objects.filter(group=talk).exists()
    destruction = Destruction.objects.get(group=talk)
    said = check(destruction).certificate
    assert said.counts == {"message": 1, "attachment": 0, "key": 1, "copy": 0}
    assert [(each.ground, each.asked_by, each.decided_by) for each in said.agreed] == [
        ("term", cast.owner.name, partner.name)
    ]
    assert AuditEvent.objects.filter(action="record.destroyed", actor=partner).count() == 1
    page = logged_in(cast.owner).get(reverse("record")).content.decode()
    assert reverse("destruction", args=[destruction.pk]) in page
    assert "Van geen gesprek is de termijn voorbij" in page


def test_who_has_no_keys_would_have_no_name_in_its_log(cast, talk, partner):
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    Identity.objects.filter(person=partner).update(known="")
    refused = act(partner, do="grant", name=talk.name)
    assert (refused.status_code, Message.objects.count()) == (422, 1)
    assert "Maak eerst uw sleutel" in refused.content.decode()
    Identity.objects.filter(person=partner).update(known="{}")
    assert act(partner, do="grant", name=talk.name).status_code == 302
    assert whats(talk) == ["erasure-asked", "erasure-granted", "record-destroyed"]


def test_the_database_asks_for_two_people(cast, talk):
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    with pytest.raises(IntegrityError, match="consult_erasure_decided_by_another"), transaction.atomic():
        Erasure.objects.update(outcome="granted", decided_by=cast.owner, decided_at=timezone.now())
    with pytest.raises(IntegrityError, match="consult_erasure_decided_by_another"), transaction.atomic():
        Erasure.objects.update(outcome="granted", decided_at=timezone.now())
    with pytest.raises(IntegrityError, match="not all agreed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select consult_destroy_v1(%s)", [talk.pk])
    assert Message.objects.filter(group=talk).exists()


def test_before_its_term_only_a_patient_may_ask(cast, young, partner):
    early = act(cast.owner, do="propose", name=young.name, reason="Opruimen")
    assert early.status_code == 422
    assert "De termijn van dit gesprek is nog niet voorbij" in early.content.decode()
    assert request_of_patient(cast.owner, young).status_code == 302
    [pending] = read_pending(practice=cast.practice, today=timezone.localdate())
    assert (pending.due_on, pending.overdue) == (decide_by(timezone.localdate()), False)
    assert act(partner, do="grant", name=young.name).status_code == 302
    assert not Message.objects.filter(group=young).exists()
    assert check(Destruction.objects.get()).certificate.agreed[0].ground == "patient"


def test_a_request_is_late_after_three_months(cast, young):
    received = timezone.localdate() - timedelta(days=100)
    request_of_patient(cast.owner, young, received.isoformat())
    [pending] = read_pending(practice=cast.practice, today=timezone.localdate())
    assert pending.overdue
    assert "te laat" in logged_in(cast.owner).get(reverse("record")).content.decode()


@pytest.mark.parametrize(
    ("received", "due"), [("2026-05-03", "2026-08-03"), ("2026-11-30", "2027-02-28"), ("2027-11-30", "2028-02-29")]
)
def test_three_months_end_on_a_day_that_there_is(received, due):
    assert decide_by(date.fromisoformat(received)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    "received", ["", "gisteren", "2026-02-30", "9999-01-01", "0001-01-01", "2020-01-01", "\0", "1" * 400]
)
def test_a_request_has_a_day(cast, young, received):
    refused = request_of_patient(cast.owner, young, received)
    assert refused.status_code == 422
    assert "Kies de dag waarop de patiënt het vroeg" in refused.content.decode()


def test_a_request_is_refused_for_what_the_law_names_and_stays_so(cast, young, partner):
    request_of_patient(cast.owner, young)
    for other in ("", "geen zin", "law\0"):
        assert act(partner, do="refuse", name=young.name, refused_for=other, reason="x").status_code == 422
    assert act(partner, do="refuse", name=young.name, refused_for="law").status_code == 422
    assert act(partner, do="refuse", name=young.name, refused_for="law", reason="Wet").status_code == 302
    assert act(partner, do="grant", name=young.name).status_code == 404
    assert whats(young) == ["erasure-asked", "erasure-refused"]
    with pytest.raises(Exception, match="what was decided stays"), transaction.atomic():
        Erasure.objects.update(outcome="granted", refused_for="")
    assert request_of_patient(cast.owner, young).status_code == 302, "it may be asked again"


def test_a_proposal_is_withdrawn_and_not_refused(cast, talk, partner):
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    assert act(partner, do="refuse", name=talk.name, refused_for="law", reason="x").status_code == 404
    assert act(cast.owner, do="withdraw", name=talk.name, reason="Toch bewaren").status_code == 302
    assert whats(talk) == ["erasure-asked", "erasure-withdrawn"]
    assert act(partner, do="grant", name=talk.name).status_code == 404


def test_what_is_held_stays_whole(cast, talk, partner):
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    act(partner, do="hold", name=talk.name, reason="Klacht")
    held = act(partner, do="grant", name=talk.name)
    assert held.status_code == 422
    assert "Het gesprek wordt vastgehouden" in held.content.decode()
    assert Message.objects.filter(group=talk).exists()
    assert GroupKey.objects.filter(group=talk).exists()
    assert not Destruction.objects.exists()


def test_all_practices_that_keep_it_must_agree(cast, young, partner):
    Keeper.objects.create(group=young, practice=cast.other_practice)
    request_of_patient(cast.owner, young)
    assert act(partner, do="grant", name=young.name).status_code == 302
    assert Message.objects.filter(group=young).exists()
    assert "Nog 1 andere praktijk" in logged_in(partner).get(reverse("record")).content.decode()
    second = make_person("Quinten")
    Identity.objects.filter(pk=make_identity(second).pk).update(known="{}")
    Membership.objects.create(person=second, practice=cast.other_practice, role=Membership.Role.GP)
    request_of_patient(cast.outsider, young)
    Hold.objects.create(
        group=young, practice=cast.practice, placed_by=partner, placed_at=timezone.now(), reason="Klacht"
    )
    assert act(second, do="grant", name=young.name).status_code == 422
    Hold.objects.update(lifted_by=partner, lifted_at=timezone.now(), lifted_why="Klaar")
    assert act(second, do="grant", name=young.name).status_code == 302
    assert not Message.objects.filter(group=young).exists()
    assert len(check(Destruction.objects.get()).certificate.agreed) == 2


def test_what_is_open_is_finished_first(cast, young, partner):
    request_of_patient(cast.owner, young)
    open_econsult(cast, young)
    refused = act(partner, do="grant", name=young.name)
    assert (refused.status_code, Message.objects.filter(group=young).count()) == (422, 1)
    assert "Rond dat eerst af" in refused.content.decode()


def open_econsult(cast, group) -> Econsult:
    now = timezone.now()
    return Econsult.objects.create(
        id="A" * 22,
        group=group,
        practice=cast.practice,
        team=group,
        patient=group.members.first().identity,
        questionnaire=Questionnaire.objects.first(),
        urgency=3,
        number=1,
        arrived_at=now,
        due_at=now + YEAR,
    )


def test_files_and_copies_go_too(cast, talk, partner):
    owner = talk.members.first().identity
    key = GroupKey.objects.get(group=talk)
    statement = owner.statements.create(name="S" * 43, typ="x", signed="{}", received_at=timezone.now() - 21 * YEAR)
    SealedCopy.objects.create(statement=statement, key=key, identity=owner, kem="K" * 43, sealed="sealed")
    stored = {"identity": owner, "size": 4, "file": b"file", "stored_at": timezone.now() - 21 * YEAR}
    Attachment.objects.create(group=talk, hash="H" * 43, **stored)
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    assert act(partner, do="grant", name=talk.name).status_code == 302
    checked = check(Destruction.objects.get())
    assert checked.certificate.counts == {"message": 1, "attachment": 1, "key": 1, "copy": 1}
    assert {each.id for each in checked.listed if each.what == "copy"} == {f"{key.name} person:{owner.pk}"}
    with pytest.raises(IntegrityError, match="it is destroyed"), transaction.atomic():
        Attachment.objects.create(group=talk, hash="I" * 43, **stored)


def test_others_ask_nothing_and_see_no_certificate(cast, talk, partner):
    for do in ("propose", "ask", "grant", "refuse", "withdraw"):
        fields = {"do": do, "name": talk.name, "reason": "x", "received": TODAY, "refused_for": "law"}
        assert act(cast.outsider, **fields).status_code == 404
        assert act(cast.colleague, **fields).status_code == 403
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    act(partner, do="grant", name=talk.name)
    pk = Destruction.objects.get().pk
    for page in ("destruction", "destruction_file"):
        assert logged_in(cast.owner).get(reverse(page, args=[pk])).status_code == 200
        assert logged_in(cast.colleague).get(reverse(page, args=[pk])).status_code == 403
        assert logged_in(cast.outsider).get(reverse(page, args=[pk])).status_code == 404
        assert logged_in(cast.owner).get(reverse(page, args=[pk + 1])).status_code == 404


def test_what_is_destroyed_is_not_asked_or_held_again(cast, talk, partner):
    act(cast.owner, do="propose", name=talk.name, reason="Oud")
    act(partner, do="grant", name=talk.name)
    for do in ("propose", "ask", "grant", "hold", "withdraw"):
        fields = {"do": do, "name": talk.name, "reason": "x", "received": TODAY}
        assert act(partner, **fields).status_code == 404
    with pytest.raises(Exception, match="what was decided stays"), transaction.atomic():
        Destruction.objects.update(certificate="")
