"""BSNs: the 11-check, kept sealed, read through one door that writes down who read, and nowhere in the clear."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from balie.patients.bsn import Bsn, clean_bsn, find_by_bsn, has_bsn, keep_bsn, keys_of, passes_eleven_check, show_bsn
from balie.patients.checks import check_bsn_key
from balie.patients.models import SealedBsn
from balie.patients.resealing import reseal_bsns
from balie.patients.testing import make_bsn, make_patient
from balie.patients.tests.dump import everything_kept
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast


@pytest.mark.parametrize("digits", ["999990019", "999990093"])
def test_test_numbers_pass(digits):
    assert passes_eleven_check(digits)


@pytest.mark.parametrize("place", range(9))
def test_one_digit_that_is_wrong_is_seen(place):
    right = "999990019"
    wrong = [right[:place] + digit + right[place + 1 :] for digit in "0123456789" if digit != right[place]]
    assert [each for each in wrong if passes_eleven_check(each)] == []


def test_two_digits_that_changed_places_are_seen():
    assert not passes_eleven_check("999900919")


@pytest.mark.parametrize("typed", ["", "000000000", "99999001", "9999900191", "99999001x", "٩٩٩٩٩٠٠١٩", "²99990019"])
def test_what_is_no_bsn_is_refused_without_saying_it_again(typed):
    with pytest.raises(ValidationError) as refused:
        clean_bsn(typed)
    assert not typed or typed not in str(refused.value)


def test_people_write_it_in_their_own_way():
    assert clean_bsn(" 9999.90.019 ") == clean_bsn("999 990 019") == Bsn("999990019")
    assert clean_bsn("10000008").digits == "010000008"


def test_it_does_not_show_itself():
    bsn = make_bsn()
    assert bsn.digits not in f"{bsn} {bsn!r} {[bsn]}"
    with pytest.raises(ValueError, match="not a BSN") as refused:
        Bsn("999990018")
    assert "999990018" not in str(refused.value)


OLD, NEW = base64.b64encode(b"the old key".ljust(32)).decode(), base64.b64encode(b"the new key".ljust(32)).decode()


@pytest.mark.parametrize("text", ["", "short", "YWJj", f"{OLD},short", f"{OLD},"])
def test_a_key_that_is_none_is_refused(text, settings):
    with pytest.raises(ValueError, match="not 32 bytes"):
        keys_of(text)
    settings.BSN_KEY = text
    assert [each.id for each in check_bsn_key()] == (["balie.E009"] if text else [])


@pytest.fixture
def cast(db):
    return make_cast()


def test_it_is_kept_found_and_shown_with_a_reason(cast):
    patient, bsn = make_patient(cast.practice), make_bsn()
    keep_bsn(patient=patient, bsn=bsn, actor=cast.owner)
    assert find_by_bsn(bsn) == [patient]
    assert has_bsn([patient]) == {patient.pk}
    with pytest.raises(ValidationError):
        show_bsn(patient=patient, actor=cast.owner, reason=" ")
    assert show_bsn(patient=patient, actor=cast.owner, reason="verwijsbrief") == bsn
    acts = AuditEvent.objects.order_by("pk").values_list("action", "actor", "subject", "reason")
    subject = f"patient:{patient.pk}"
    assert list(acts) == [
        ("bsn.kept", cast.owner.pk, subject, ""),
        ("bsn.shown", cast.owner.pk, subject, "verwijsbrief"),
    ]


def test_who_has_none_shows_none_and_nothing_is_logged(cast):
    assert show_bsn(patient=make_patient(cast.practice), actor=cast.owner, reason="verwijsbrief") is None
    assert not AuditEvent.objects.exists()


def test_the_database_holds_it_nowhere_in_the_clear(cast):
    patient, bsn = make_patient(cast.practice), make_bsn()
    keep_bsn(patient=patient, bsn=bsn, actor=cast.owner)
    kept = everything_kept()
    assert bsn.digits not in kept
    assert bsn.digits.encode().hex() not in kept
    assert patient.name in kept  # the search finds what is there


def test_one_practice_has_it_once_and_another_may_have_it_too(cast):
    bsn, here = make_bsn(), make_patient(cast.practice)
    there = make_patient(cast.other_practice)
    keep_bsn(patient=here, bsn=bsn, actor=cast.owner)
    keep_bsn(patient=there, bsn=bsn, actor=cast.outsider)
    with pytest.raises(ValidationError) as refused:
        keep_bsn(patient=make_patient(cast.practice), bsn=bsn, actor=cast.owner)
    assert bsn.digits not in str(refused.value)
    assert find_by_bsn(bsn) == [here, there]


def test_a_corrected_one_replaces_the_one_before(cast):
    patient, wrong, right = make_patient(cast.practice), make_bsn(), make_bsn()
    keep_bsn(patient=patient, bsn=wrong, actor=cast.owner)
    keep_bsn(patient=patient, bsn=right, actor=cast.owner)
    assert find_by_bsn(wrong) == []
    assert find_by_bsn(right) == [patient]


def test_a_row_that_was_moved_to_another_patient_does_not_open(cast):
    one, other = make_patient(cast.practice), make_patient(cast.practice)
    keep_bsn(patient=one, bsn=make_bsn(), actor=cast.owner)
    SealedBsn.objects.update(patient=other)
    with pytest.raises(InvalidTag):
        show_bsn(patient=other, actor=cast.owner, reason="nieuwsgierig")


def test_another_key_finds_nothing(cast, settings):
    bsn = make_bsn()
    keep_bsn(patient=make_patient(cast.practice), bsn=bsn, actor=cast.owner)
    settings.BSN_KEY = "A" * 43 + "="
    assert find_by_bsn(bsn) == []


def test_a_key_that_stands_there_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        keys_of(f"{OLD}, {OLD}")


@pytest.fixture
def two(cast, settings):
    """Two patients of a practice whose BSN was sealed under the old key, before a new one was put in front of it."""
    settings.BSN_KEY = OLD
    found = {make_patient(cast.practice): make_bsn() for _ in range(2)}
    for patient, bsn in found.items():
        keep_bsn(patient=patient, bsn=bsn, actor=cast.owner)
    settings.BSN_KEY = f"{NEW}, {OLD}"
    return found


def test_the_first_key_seals_and_all_open(cast, two, settings):
    for patient, bsn in two.items():
        assert show_bsn(patient=patient, actor=cast.owner, reason="verwijsbrief") == bsn
        assert find_by_bsn(bsn) == [patient]
    newest, bsn = make_patient(cast.practice), make_bsn()
    keep_bsn(patient=newest, bsn=bsn, actor=cast.owner)
    with pytest.raises(ValidationError):  # the constraint sees another fingerprint
        keep_bsn(patient=make_patient(cast.practice), bsn=next(iter(two.values())), actor=cast.owner)
    settings.BSN_KEY = NEW
    assert find_by_bsn(bsn) == [newest]
    assert show_bsn(patient=newest, actor=cast.owner, reason="verwijsbrief") == bsn


def test_all_are_sealed_again_while_progress_is_told_and_the_old_key_may_go(cast, two, settings):
    assert [(each.done, each.left) for each in reseal_bsns(at_once=1)] == [(1, 1), (2, 0)]
    assert [(each.done, each.left, each.unopened) for each in reseal_bsns()] == [(0, 0, ())]
    assert AuditEvent.objects.filter(action="bsn.resealed").count() == 2
    settings.BSN_KEY = NEW
    for patient, bsn in two.items():
        assert show_bsn(patient=patient, actor=cast.owner, reason="verwijsbrief") == bsn
        assert find_by_bsn(bsn) == [patient]


def test_what_no_key_opens_is_named_and_stays_as_it_is(two, settings):
    settings.BSN_KEY = NEW
    before = everything_kept()
    *_, last = reseal_bsns(at_once=1)
    assert (last.done, last.left, last.unopened) == (0, 0, tuple(f"patient:{each.pk}" for each in two))
    assert everything_kept() == before


def test_rows_of_before_keys_had_names_open_and_are_sealed_again(cast, two, settings):
    SealedBsn.objects.update(key_id="")
    *_, last = reseal_bsns()
    assert (last.done, last.unopened) == (2, ())


@pytest.mark.parametrize(("fingerprint", "sealed"), [(b"", b"x" * 37), (b"x" * 32, b"999990019"), (b"9" * 9, b"")])
def test_the_database_takes_nothing_that_is_not_sealed(cast, fingerprint, sealed):
    patient = make_patient(cast.practice)
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedBsn.objects.create(patient=patient, practice=cast.practice, fingerprint=fingerprint, sealed=sealed)


def test_the_database_refuses_a_second_patient_with_the_same_number(cast):
    one, other = make_patient(cast.practice), make_patient(cast.practice)
    keep_bsn(patient=one, bsn=make_bsn(), actor=cast.owner)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into patients_bsn (patient_id, practice_id, fingerprint, sealed) "
            "select %s, practice_id, fingerprint, sealed from patients_bsn",
            [other.pk],
        )
