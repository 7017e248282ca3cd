"""How long conversations are kept, who sees it, and that nothing goes before, or while it is held."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from balie.consult.models import (
    Attachment,
    Consultation,
    Group,
    GroupKey,
    Hold,
    Identity,
    Keeper,
    LogEntry,
    Message,
    Retention,
    TeamName,
)
from balie.consult.record.keeping import due_by_year, read_kept
from balie.consult.record.tests.acting import YEAR, act, say
from balie.consult.testing import make_group, make_identity, new_id, new_name
from balie.patients.testing import make_patient
from balie.practices.models import AuditEvent, Membership
from balie.practices.testing import logged_in, make_person, make_practice


def refused(row) -> str:
    """Which promise of the database keeps this row from going; empty when it goes."""
    try:
        with transaction.atomic():
            row.delete()
    except IntegrityError as error:
        cause = error.__cause__
        return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.errors.RestrictViolation) else str(cause)
    return ""


def test_who_comes_in_brings_their_practice_and_it_stays_when_they_leave(cast, talk):
    assert [each.practice for each in talk.keepers.all()] == [cast.practice]
    Membership.objects.filter(person=cast.owner).delete()
    Membership.objects.filter(person=cast.colleague).delete()
    assert [each.name for each in read_kept(practice=cast.practice, show="due")] == [talk.name]


def test_a_team_brings_the_practice_it_is_named_for_also_when_that_comes_later(cast):
    stranger = make_identity(make_person("Cora"))
    team = make_group(Group.Kind.TEAM, stranger)
    begun = make_group(Group.Kind.CONVERSATION, team)
    assert not Keeper.objects.filter(group=begun).exists()
    TeamName.objects.create(group=team, name="Vakgroep", practice=cast.practice)
    assert [each.practice for each in begun.keepers.all()] == [cast.practice]
    assert not Keeper.objects.filter(group=team).exists()


def test_the_time_counts_from_the_last_change_and_the_longest_term_holds(cast, talk):
    assert [each.name for each in read_kept(practice=cast.practice, show="due")] == [talk.name]
    elsewhere = make_practice("De Eik")
    Keeper.objects.create(group=talk, practice=elsewhere)
    Retention.objects.create(practice=elsewhere, years=30)
    assert read_kept(practice=cast.practice, show="due") == []
    [kept] = read_kept(practice=cast.practice, show="all")
    assert kept.due_at.year - kept.changed_at.year == 30
    Retention.objects.all().delete()
    say(talk, timedelta())
    assert read_kept(practice=cast.practice, show="due") == []
    [(year, count)] = due_by_year(practice=cast.practice)
    assert (year, count) == (timezone.now().year + 20, 1)


def test_a_term_below_that_of_the_law_is_refused_by_the_page_and_by_the_database(cast):
    for years in ("19", "116", "", "x", "²", "-20"):
        assert act(cast.owner, do="years", years=years, reason="Besluit").status_code == 422
    assert act(cast.owner, do="years", years="30", reason="").status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        Retention.objects.create(practice=cast.practice, years=19)
    assert act(cast.owner, do="years", years="30", reason="Wij zijn een universitair centrum").status_code == 302
    assert Retention.objects.get().years == 30
    assert AuditEvent.objects.get(action="record.years").detail == {"years": 30}


def test_nothing_goes_before_its_time(cast, talk):
    young = make_group(Group.Kind.CONVERSATION, Identity.objects.get(person=cast.owner))
    recent = say(young, 19 * YEAR)
    file = {"hash": new_name(), "size": 1, "file": b"x", "stored_at": timezone.now() - 19 * YEAR}
    attached = Attachment.objects.create(group=young, identity=recent.device.identity, **file)
    rows = [recent, attached, GroupKey.objects.get(group=young)]
    assert [refused(row) for row in rows] == ["consult_kept"] * 3
    assert refused(Message.objects.get(group=talk)) == ""


def test_what_is_held_stays_until_it_is_lifted_and_all_of_it_is_logged(cast, talk):
    Identity.objects.filter(person=cast.owner).update(known="{}")
    assert act(cast.owner, do="hold", name=talk.name, reason="Klacht van de familie").status_code == 302
    page = logged_in(cast.owner).get(reverse("record")).content.decode()
    assert "Klacht van de familie" in page
    assert "Van geen gesprek is de termijn voorbij" in page
    assert refused(Message.objects.get(group=talk)) == "consult_held"
    assert act(cast.owner, do="hold", name=talk.name, reason="Nog eens").status_code == 422
    assert act(cast.owner, do="lift", name=talk.name, reason="").status_code == 422
    assert act(cast.owner, do="lift", name=talk.name, reason="De klacht is afgehandeld").status_code == 302
    assert act(cast.owner, do="lift", name=talk.name, reason="Nog eens").status_code == 422
    events = AuditEvent.objects.filter(subject=f"conversation:{talk.pk}").order_by("pk")
    assert [(each.action, each.reason) for each in events] == [
        ("record.held", "Klacht van de familie"),
        ("record.released", "De klacht is afgehandeld"),
    ]
    entries = LogEntry.objects.filter(book__group=talk).order_by("number")
    assert [(each.what, each.detail) for each in entries] == [("record-held", "{}"), ("record-released", "{}")]
    assert refused(Message.objects.get(group=talk)) == ""


def test_the_hold_of_one_practice_binds_the_other_which_does_not_see_why(cast, talk):
    Keeper.objects.create(group=talk, practice=cast.other_practice)
    act(cast.outsider, do="hold", name=talk.name, reason="Rechtszaak")
    [held] = read_kept(practice=cast.practice, show="held")
    assert held.held_elsewhere
    assert (held.held_since, held.held_why) == (None, "")
    assert act(cast.owner, do="lift", name=talk.name, reason="Weg ermee").status_code == 422
    assert refused(Message.objects.get(group=talk)) == "consult_held"


def test_others_hold_nothing_and_see_nothing(cast, talk):
    for name in (talk.name, new_name(), "", "x" * 100):
        assert act(cast.outsider, do="hold", name=name, reason="Nieuwsgierig").status_code == 404
    assert act(cast.colleague, do="hold", name=talk.name, reason="Ik ook").status_code == 403
    assert act(cast.owner, do="destroy", name=talk.name).status_code == 404
    page = logged_in(cast.outsider).get(reverse("record"), {"zoek": talk.name}).content.decode()
    assert "Geen gesprek gevonden" in page
    held = {"placed_at": timezone.now(), "reason": "x", "placed_by": cast.outsider}
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(group=talk, practice=cast.other_practice, **held)


def test_a_practice_sees_names_of_its_own_patients_alone(cast, talk):
    noor = make_patient(practice=cast.practice, name="Noor Bakker", person=make_person("N. Bakker"))
    talk.members.create(identity=make_identity(noor.person), since=0)
    Keeper.objects.create(group=talk, practice=cast.other_practice)
    [ours] = read_kept(practice=cast.practice, show="all", find="noor")
    assert (ours.patients, ours.others) == (["Noor Bakker"], 0)
    assert read_kept(practice=cast.other_practice, show="all", find="noor") == []
    [theirs] = read_kept(practice=cast.other_practice, show="all")
    assert (theirs.patients, theirs.others) == ([], 1)


def test_the_page_takes_any_search(cast, talk):
    client = logged_in(cast.owner)
    for find in (talk.name, "%", "'", "\0", "x" * 5000):
        assert client.get(reverse("record"), {"zoek": find}).status_code == 200
    assert talk.name in client.get(reverse("record"), {"zoek": talk.name}).content.decode()


def test_to_withdraw_a_consultatie_is_a_change(cast, talk):
    asked_at = timezone.now() - 21 * YEAR
    [one, other] = (each.identity for each in talk.members.all())
    Consultation.objects.create(
        id=new_id(),
        group=talk,
        agreement_id="consultation-3-days",
        asked_by=one,
        practice=cast.practice,
        holder=other,
        asked_at=asked_at,
        warn_at=asked_at + timedelta(days=1),
        due_at=asked_at + timedelta(days=2),
        picked_up_at=asked_at,
        withdrawn_at=timezone.now(),
    )
    [kept] = [each for each in read_kept(practice=cast.practice, show="all") if each.name == talk.name]
    assert kept.changed_at.year == timezone.now().year
