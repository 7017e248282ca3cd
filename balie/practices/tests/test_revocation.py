"""A revocation reaches the live processes by NOTIFY, once it is certain and not before."""

from django.db import transaction

from balie.practices.models import PassRevocation
from balie.practices.services import revoke_passes
from balie.practices.testing import make_person

HEARD_WITHIN_S = 5.0


def heard(listener, timeout: float) -> list[str]:
    return [notice.payload for notice in listener.notifies(timeout=timeout, stop_after=1)]


def test_a_revocation_is_told_after_the_commit(installation):
    person = make_person()
    with installation.connect() as listener:
        listener.execute("listen balie")
        with transaction.atomic():
            revoke_passes(person=person)
            assert heard(listener, 0) == []
        assert heard(listener, HEARD_WITHIN_S) == [f"pass:{person.pk}"]


def test_a_revocation_that_is_rolled_back_is_not_told(installation):
    person = make_person()
    with installation.connect() as listener:
        listener.execute("listen balie")
        with transaction.atomic():
            revoke_passes(person=person)
            transaction.set_rollback(True)
        revoke_passes(person=make_person())  # what is heard first is this one
        assert heard(listener, HEARD_WITHIN_S) != [f"pass:{person.pk}"]
    assert PassRevocation.objects.count() == 1
