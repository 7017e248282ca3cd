"""Who lost all keys asks colleagues of a team to vouch for new ones; nobody else hears of it."""

import json
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from balie.consult.intake.post import write_known
from balie.consult.models import Group, Identity, Statement
from balie.consult.protocol.approvals import TRUSTEES_TYP, state_trustees
from balie.consult.protocol.persons import KnownKey, accept_person_key
from balie.consult.testing import make_group, make_identity
from balie.consult.tests.keyholders import Keyholder
from balie.consult.trustees import named_by
from balie.practices.testing import make_cast, make_person

WAY = "/gesprekken/sleutel/toelating/"


def browser(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def post(client, **content) -> int:
    return client.post(WAY, json.dumps(content), content_type="application/json").status_code


@pytest.fixture
def cast(db):
    """The owner and the colleague are in a team; the outsider is in another."""
    found = make_cast()
    identities = [make_identity(each) for each in (found.owner, found.colleague, found.outsider)]
    Identity.objects.update(known="{}")
    make_group(Group.Kind.TEAM, *identities[:2])
    make_group(Group.Kind.TEAM, identities[2])
    return found


@pytest.fixture
def new_key(cast):
    """As the owner states it: signed by the new key alone."""
    holder = Keyholder(cast.owner.pk, cast.owner.identity.pk)
    holder.new_key()
    return holder.new_key(continued=False)["signed"]


def test_colleagues_read_who_named_them(cast):
    """By the last that they stated, until the key that stated it is lost; and never in another practice."""
    holder = Keyholder(cast.colleague.pk, cast.colleague.identity.pk)
    key = holder.new_key()["signed"]
    known = accept_person_key(key, person=holder.id, known=None)
    Identity.objects.filter(pk=holder.id).update(known=write_known(known))

    def named(at, *people):
        colleagues = [KnownKey(each.identity.pk, bytes(32)) for each in people]
        said = {"person": holder.id, "generation": 1, "at": at, "sign_seed": holder.sign}
        signed = json.dumps(state_trustees(colleagues=colleagues, **said))
        row = {"typ": TRUSTEES_TYP, "name": f"trustees {at}", "signed": signed, "received_at": timezone.now()}
        Statement.objects.create(feed=at, identity_id=holder.id, **row)

    named(1, cast.owner, cast.outsider)
    assert (named_by(person=cast.owner), named_by(person=cast.outsider)) == ([cast.colleague.name], [])
    other = make_identity(make_person())
    named(2, cast.outsider, other.person)
    assert named_by(person=cast.owner) == []
    named(3, cast.owner, cast.outsider)
    assert named_by(person=cast.owner) == [cast.colleague.name]
    admitted = replace(known, era={}, publics={})
    Identity.objects.filter(pk=holder.id).update(known=write_known(admitted))
    assert named_by(person=cast.owner) == []


MORE = {"protected": "cHJvdGVjdGVk", "signature": "c2lnbmF0dXJl"}


def test_a_colleague_of_a_team_sees_it_and_vouches(cast, new_key):
    anna, bilal = browser(cast.owner), browser(cast.colleague)
    assert post(anna, signed=new_key) == 200
    [asked] = bilal.get(WAY).json()["asked"]
    assert asked == {"person": cast.owner.identity.pk, "name": "Anna de Vries", "signed": new_key}
    for _ in range(2):  # the same twice is once
        assert post(bilal, person=asked["person"], payload=new_key["payload"], signature=MORE) == 200
    assert anna.get(WAY).json()["own"]["signatures"] == [*new_key["signatures"], MORE]
    assert post(anna, signed=None) == 200
    assert (anna.get(WAY).json(), bilal.get(WAY).json()) == ({"own": None, "asked": []},) * 2


def test_nobody_else_hears_of_it_or_vouches(cast, new_key):
    assert post(browser(cast.owner), signed=new_key) == 200
    chris = browser(cast.outsider)
    assert chris.get(WAY).json() == {"own": None, "asked": []}
    asked = {"payload": new_key["payload"], "signature": MORE}
    assert post(chris, person=cast.owner.identity.pk, **asked) == 404
    assert post(browser(cast.owner), person=cast.owner.identity.pk, **asked) == 404


def test_a_signature_for_what_was_asked_before_is_not_kept(cast, new_key):
    anna, bilal = browser(cast.owner), browser(cast.colleague)
    post(anna, signed=new_key)
    assert post(bilal, person=cast.owner.identity.pk, payload="ZWFybGllcg", signature=MORE) == 404
    assert anna.get(WAY).json()["own"] == new_key


def test_who_has_no_keys_asks_nothing(cast, new_key):
    Identity.objects.update(known="")
    assert post(browser(cast.owner), signed=new_key) == 404


@pytest.mark.parametrize(
    "body",
    ["", "[]", b'{"payload": "\xff"}', '{"signed": 1}', '{"more": 1}', '{"signed": {"payload": "x"}, "person": 1}'],
)
def test_what_is_no_question_is_refused(cast, body):
    assert browser(cast.owner).post(WAY, body, content_type="application/json").status_code == 400
