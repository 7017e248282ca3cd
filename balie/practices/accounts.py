"""What people change about their own account: logged, and told to its owner, who may not have been the one."""

from django.db import transaction

from balie.practices.letters import write_letter
from balie.practices.models import Person
from balie.practices.services import record, revoke_passes

REMOVALS = frozenset({"totp_deactivated", "webauthn_removed"})


@transaction.atomic
def note_account_change(*, person: Person, change: str, words: object) -> None:
    """Log what somebody changed of their account, and write to them; `words` are translated for them.

    Passes end with a factor that is removed.
    """
    if change in REMOVALS:
        revoke_passes(person=person)
    record(actor=person, practice=None, action=f"account.{change}", subject=f"person:{person.pk}")
    write_letter("account_changed", person, {"what": words})
