"""The pass: who it lets in, for how long, and what ends it. Each refusal has a pass beside it that is let in."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from balie.practices.models import PassRevocation, Person
from balie.practices.passes import PassCheck, keep_pass, make_pass, read_pass, renew_pass
from balie.practices.services import revoke_passes
from balie.practices.standing import SESSION_KEY
from balie.practices.testing import make_cast, make_membership
from balie.runtime.hot import connect

NOW = 1_800_000_000.0
HOUR = 3600


def a_pass(*, person=1, practice=17, generation=0, now=NOW):
    return make_pass(person=person, practice=practice, role="gp", organiser=False, generation=generation, now=now)


def checker(*revocations):
    check = PassCheck()
    check.learn(revocations)
    return check


def test_a_pass_says_who_it_is():
    found = read_pass(a_pass(), NOW + 1)
    assert (found.person, found.practice, found.role, found.organiser) == (1, 17, "gp", False)


@pytest.mark.parametrize("after", [12 * HOUR, 12 * HOUR + 1, 10**9])
def test_a_pass_ends(after):
    assert read_pass(a_pass(), NOW + 12 * HOUR - 1) is not None
    assert read_pass(a_pass(), NOW + after) is None


@pytest.mark.parametrize("value", ["", "x", ":", "a:b", "WzFd:AAAA", "é", "." * 5000, "WzEsMl0:" + "A" * 43])
def test_what_is_no_pass_is_refused(value):
    assert read_pass(value, NOW) is None


def test_every_changed_character_spoils_a_pass():
    value = a_pass()
    for at, character in enumerate(value):
        other = "A" if character != "A" else "B"
        found = read_pass(value[:at] + other + value[at + 1 :], NOW)
        # The last character of unpadded base64 has spare bits, but the signature is compared as text.
        assert found is None, at


def test_a_pass_signed_for_something_else_is_no_pass(settings):
    value = a_pass()
    settings.SECRET_KEY = "another installation's"
    assert read_pass(value, NOW) is None
    settings.SECRET_KEY_FALLBACKS = ["yet another's"]
    assert read_pass(value, NOW) is None


def test_a_pass_survives_a_new_key_while_the_old_one_is_known(settings):
    value, old = a_pass(), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new one", [old]
    assert read_pass(value, NOW) is not None


def test_a_pass_slides_from_the_half_of_its_life_and_remembers_its_beginning():
    young, old = read_pass(a_pass(), NOW), NOW + 6 * HOUR + 1
    assert renew_pass(young, NOW + 6 * HOUR - 1) is None
    renewed = read_pass(renew_pass(young, old), old)
    assert renewed.made_at == young.made_at
    assert renewed.expires_at == (old + 12 * HOUR) * 1000


def test_a_pass_does_not_slide_beyond_the_life_of_a_login(settings):
    now, held = NOW, read_pass(a_pass(), NOW)
    for _ in range(100):
        now = held.expires_at / 1000 - 60
        value = renew_pass(held, now)
        if value is None:
            break
        held = read_pass(value, now)
    assert held.expires_at == (NOW + settings.SESSION_COOKIE_AGE) * 1000


@pytest.mark.parametrize("wrong_by_s", [-7200, 0, 7200])
def test_a_revocation_ends_passes_of_before_whatever_the_clock_of_who_made_them(wrong_by_s):
    before, after = a_pass(generation=4, now=NOW + wrong_by_s), a_pass(generation=5, now=NOW - wrong_by_s)
    check = checker((1, None, 5))
    assert check.caller(before.encode(), NOW) is None
    assert check.caller(after.encode(), NOW) is not None
    assert checker().caller(before.encode(), NOW) is not None


def test_a_revocation_reaches_what_a_pass_was_renewed_into():
    renewed = renew_pass(read_pass(a_pass(), NOW), NOW + 7 * HOUR)
    assert checker((1, None, 1)).caller(renewed.encode(), NOW + 7 * HOUR) is None
    assert checker().caller(renewed.encode(), NOW + 7 * HOUR) is not None


def test_a_revocation_for_one_practice_leaves_the_others():
    here, there = a_pass(practice=17), a_pass(practice=18)
    check = checker((1, 17, 1))
    assert check.caller(here.encode(), NOW) is None
    assert check.caller(there.encode(), NOW) is not None
    assert check.caller(a_pass(person=2, practice=17).encode(), NOW) is not None


def test_a_revocation_that_is_heard_later_ends_a_pass_that_was_known():
    check, value = checker(), a_pass().encode()
    check.learned.clear()
    assert check.caller(value, NOW) is not None
    check.learn([(1, None, 1)])
    assert check.caller(value, NOW) is None
    assert check.learned.is_set()


def test_a_known_pass_still_ends():
    check, value = checker(), a_pass().encode()
    assert check.caller(value, NOW) is not None
    assert check.caller(value, NOW + 12 * HOUR) is None


def test_passes_that_are_known_are_the_same_caller_and_share_one_allowance():
    check, value = checker(), a_pass().encode()
    assert check.caller(value, NOW) is check.caller(value, NOW + 1)


def test_nobody_is_let_in_before_revocations_were_read():
    assert not PassCheck().ready
    assert checker().ready


async def test_revocations_are_read_from_the_database(installation):
    check = PassCheck()
    async with await connect(installation.dsn, name="test") as conn:
        await conn.execute(
            "insert into practices_person (id, password, email, name, is_active, is_organiser, joined_at)"
            " values (1, '', 'a@b', 'A', true, false, now())"
        )
        await conn.execute("insert into practices_pass_revocation (person_id, generation) values (1, 1)")
        await check.read(conn)
    assert check.ready
    assert check.caller(a_pass().encode(), NOW) is None
    assert check.caller(a_pass(generation=1).encode(), NOW) is not None


@pytest.fixture
def cast(db):
    return make_cast()


def visit(rf, person, *, cookie=None, session=None):
    """What `keep_pass` makes of a page that `person` looks at."""
    request = rf.get("/")
    request.user, request.session = person or AnonymousUser(), session or {}
    if cookie is not None:
        request.COOKIES["balie_pass"] = cookie
    response = HttpResponse()
    keep_pass(request, response)
    return response.cookies.get("balie_pass")


def test_a_login_gives_a_pass_for_the_practice(rf, cast):
    cookie = visit(rf, cast.owner)
    found = read_pass(cookie.value, timezone.now().timestamp())
    assert (found.person, found.practice, found.role) == (cast.owner.pk, cast.practice.pk, "gp")
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * HOUR


def test_a_pass_that_fits_is_left_alone(rf, cast):
    assert visit(rf, cast.owner, cookie=visit(rf, cast.owner).value) is None


def test_an_old_pass_is_renewed(rf, cast):
    with time_machine.travel(timezone.now() - timedelta(hours=7)):
        old = visit(rf, cast.owner).value
    assert read_pass(visit(rf, cast.owner, cookie=old).value, timezone.now().timestamp()) is not None


def test_somebody_elses_pass_is_replaced(rf, cast):
    other = visit(rf, cast.outsider).value
    assert read_pass(visit(rf, cast.owner, cookie=other).value, timezone.now().timestamp()).person == cast.owner.pk


def test_a_switch_of_practice_changes_the_pass(rf, cast):
    here = visit(rf, cast.owner).value
    make_membership(cast.owner, cast.other_practice)
    cookie = visit(rf, cast.owner, cookie=here, session={SESSION_KEY: cast.other_practice.pk})
    found = read_pass(cookie.value, timezone.now().timestamp())
    assert (found.practice, found.role) == (cast.other_practice.pk, "assistant")


def test_a_logout_takes_the_pass_away(rf, cast):
    gone = visit(rf, None, cookie=visit(rf, cast.owner).value)
    assert gone.value == ""
    assert gone["max-age"] == 0
    assert visit(rf, None) is None


def test_an_organiser_has_a_pass_without_a_practice_and_without_rights_until_a_second_factor_was_shown(rf, cast):
    found = read_pass(visit(rf, cast.organiser).value, timezone.now().timestamp())
    assert (found.practice, found.role, found.organiser) == (None, "", False)
    client = Client()
    client.force_login(cast.organiser)
    session = client.session
    found = read_pass(visit(rf, cast.organiser, session=session).value, timezone.now().timestamp())
    assert found.organiser is True
    assert read_pass(visit(rf, cast.owner, session=session).value, timezone.now().timestamp()).organiser is False
    Authenticator.objects.all().delete()
    assert read_pass(visit(rf, cast.organiser, session=session).value, timezone.now().timestamp()).organiser is False


def test_a_revoked_pass_is_replaced_for_who_is_still_logged_in(rf, cast):
    old = visit(rf, cast.owner).value
    revoke_passes(person=cast.owner)
    new = visit(rf, cast.owner, cookie=old).value
    row = PassRevocation.objects.get()
    check = checker((row.person_id, row.practice_id, row.generation))
    assert check.caller(old.encode(), timezone.now().timestamp()) is None
    assert check.caller(new.encode(), timezone.now().timestamp()) is not None


def test_a_pass_made_from_what_was_read_before_a_revocation_counts_no_longer(rf, cast):
    """A page that began before somebody's last day ended must not bring them back in."""
    as_read_before = Person.objects.get(pk=cast.owner.pk)
    revoke_passes(person=cast.owner, practice=cast.practice)
    late = visit(rf, as_read_before).value
    row = PassRevocation.objects.get()
    check = checker((row.person_id, row.practice_id, row.generation))
    assert check.caller(late.encode(), timezone.now().timestamp()) is None


def test_revocations_of_one_person_are_numbered(cast):
    for practice in (None, cast.practice, None):
        revoke_passes(person=cast.owner, practice=practice)
    assert list(PassRevocation.objects.order_by("pk").values_list("generation", flat=True)) == [1, 2, 3]
    assert Person.objects.get(pk=cast.owner.pk).pass_generation == 3
