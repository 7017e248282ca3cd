"""Mail to who may decide, two weeks before a patient's request must be decided: once, and to nobody else."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone
from django.utils.formats import date_format

from balie.consult.models import Erasure, Identity
from balie.consult.record.erasing import decide_by
from balie.consult.record.telling import DAYS_BEFORE, ERASURE_SOON, render_erasure_soon, tell_erasures
from balie.consult.record.tests.acting import act
from balie.consult.testing import make_identity
from balie.mail.models import OutboxMail
from balie.practices.models import Membership
from balie.practices.testing import Cast, make_cast, make_person


@pytest.fixture
def partner(cast, talk):
    person = make_person("Pim Jansen")
    Membership.objects.create(person=person, practice=cast.practice, role=Membership.Role.GP)
    make_identity(person)
    Identity.objects.update(known="{}")
    return person


@pytest.fixture
def cast(installation) -> Cast:
    """In a database of its own: the mail is written by another connection."""
    return make_cast()


def line(installation) -> Awaitable[psycopg.AsyncConnection]:
    return psycopg.AsyncConnection.connect(installation.dsn, autocommit=True)


@pytest.fixture
def told(installation):
    """Gives who was mailed about which request since the last time."""

    def look() -> set[tuple[str, str]]:
        async def tell() -> None:
            async with await line(installation) as conn:
                await tell_erasures(conn)

        asyncio.run(tell())
        found = list(OutboxMail.objects.filter(kind=ERASURE_SOON).values_list("reference", "recipient"))
        OutboxMail.objects.all().delete()
        assert len(found) == len(set(found))
        return set(found)

    return look


@pytest.fixture
def asked(cast, talk, partner) -> Erasure:
    """What a patient asked today."""
    said = {"received": timezone.localdate().isoformat(), "reason": "Brief van de patiënt"}
    assert act(cast.owner, do="ask", name=talk.name, **said).status_code == 302
    return Erasure.objects.get()


def receive(asked: Erasure, *, left: int) -> None:
    """As if it had come so long ago that so many days are left."""
    day = asked.received_on - timedelta(days=120)
    while decide_by(day) < timezone.localdate() + timedelta(days=left):
        day += timedelta(days=1)
    Erasure.objects.filter(pk=asked.pk).update(received_on=day)


def test_who_may_decide_is_mailed_once_two_weeks_before(cast, asked, partner, told):
    """Neither who asked, nor who may not decide, nor somebody of another practice."""
    manager = make_person("Mia Manager")
    Membership.objects.create(person=manager, practice=cast.practice, role=Membership.Role.MANAGER)
    receive(asked, left=DAYS_BEFORE + 2)
    assert told() == set()
    receive(asked, left=DAYS_BEFORE)
    assert told() == {(f"{asked.pk}:{each.pk}", each.email) for each in (partner, manager)}
    assert told() == set()


@pytest.mark.parametrize("what", [{"outcome": "withdrawn"}, {"outcome": "refused", "refused_for": "law"}])
def test_of_what_was_decided_nobody_is_mailed(cast, asked, partner, told, what):
    receive(asked, left=3)
    decided = {"decided_by": partner, "decided_at": timezone.now(), "decided_why": "Zo is het"}
    Erasure.objects.filter(pk=asked.pk).update(**what, **decided)
    assert told() == set()


def test_what_is_past_its_term_has_no_time_to_be_decided_by(cast, talk, partner, told):
    assert act(cast.owner, do="propose", name=talk.name, reason="Oud").status_code == 302
    Erasure.objects.update(received_on=timezone.localdate() - timedelta(days=200))
    assert told() == set()


def test_of_two_who_tell_one_does(asked, partner, installation):
    receive(asked, left=3)

    async def both() -> None:
        async with await line(installation) as one, await line(installation) as other:
            await asyncio.gather(tell_erasures(one), tell_erasures(other))

    asyncio.run(both())
    assert OutboxMail.objects.filter(reference=f"{asked.pk}:{partner.pk}").count() == 1


def test_the_mail_says_by_when_and_nothing_of_the_conversation(asked, partner, talk):
    receive(asked, left=14)
    mail = render_erasure_soon(f"{asked.pk}:{partner.pk}")
    due = date_format(decide_by(Erasure.objects.get().received_on), "l j F Y")
    for text in (mail.text, mail.html):
        assert due in text
        assert "/gesprekken/bewaren/" in text
        assert talk.name not in text
        assert "Brief van de" not in text
