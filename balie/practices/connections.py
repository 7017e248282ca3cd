"""Connections: how a program of a practice, such as its record system or the connector beside it, shows who it is.

A connection is a colleague of its own: everybody sees that it is there, and whoever decides about staff ends it. It has
no password. Its scopes say what its code is good for: a pass that opens consulting alone (`Door`), or requests of the
API, which it comes with as a bearer token (`tokens.py`).
"""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.practices.models import Connection, Membership, Person, Practice
from balie.practices.passes import make_pass
from balie.practices.people import clean_name
from balie.practices.services import record
from balie.practices.tokens import TOPIC, digest_of
from balie.runtime.services import notify_after_commit

CODE_BYTES: Final = 24
USED_EVERY: Final = timedelta(minutes=1)
NO_MAIL: Final = "koppeling.invalid"  # RFC 2606: no such host, ever


@transaction.atomic
def connect(
    *, practice: Practice, name: str, actor: Person, scopes: Collection[str] = (Connection.Scope.CONSULT,)
) -> str:
    """A new connection; its code, which is shown this once. Raises ValidationError, by field."""
    errors: dict[str, ValidationError] = {}
    name, scopes = clean_name(name, errors), _clean_scopes(scopes, errors)
    if errors:
        raise ValidationError(errors)
    code = secrets.token_hex(CODE_BYTES)  # no sign at which a line or a double click breaks it
    person = Person.objects.create(
        email=f"{secrets.token_hex(8)}@{NO_MAIL}",
        name=name,
        password=make_password(None),
    )
    Membership.objects.create(person=person, practice=practice, role=Membership.Role.SOFTWARE)
    Connection.objects.create(person=person, practice=practice, digest=digest_of(code), scopes=scopes)
    record(
        actor=actor,
        practice=practice,
        action="connection.made",
        subject=f"person:{person.pk}",
        detail={"name": name, "scopes": scopes},
    )
    notify_after_commit(f"{TOPIC}:{person.pk}")
    return code


def scope_words() -> dict[str, str]:
    """What a connection may, in the words of who decides about it."""
    words = {
        Connection.Scope.CONSULT: _("Berichten in uw HIS zetten en versturen"),
        Connection.Scope.READ: _("Lezen wat u klaarzette en bestelde, en hoe vol de dagen zijn"),
        Connection.Scope.PREPARE: _("Een bestelling klaarzetten"),
        Connection.Scope.ORDER: _("Een nummer trekken, een datum vasthouden en bestellen"),
        Connection.Scope.CHANGE: _("Een bestelling annuleren zolang dat gratis is"),
    }
    return {scope.value: say for scope, say in words.items()}


def _clean_scopes(scopes: Collection[str], errors: dict[str, ValidationError]) -> list[str]:
    known = [scope.value for scope in Connection.Scope if scope in scopes]
    if not known or set(scopes) - set(known):
        errors["scopes"] = ValidationError(_("Kies wat de koppeling mag."), code="scopes")
    return known


def connection_by_code(code: str) -> Connection | None:
    """None when there is none (any longer)."""
    known = Connection.objects.select_related("person", "practice")
    return known.filter(digest=digest_of(code), person__is_active=True).first()


def give_pass(connection: Connection) -> str:
    """A pass for a connection, which is noted as used."""
    note_use(connection)
    return make_pass(
        person=connection.person_id,
        practice=connection.practice_id,
        role=Membership.Role.SOFTWARE,
        organiser=False,
        generation=connection.person.pass_generation,
    )


def note_use(connection: Connection) -> None:
    """That it was here, to the minute: a program that asks often does not write as often."""
    now = timezone.now()
    if connection.used_at is None or connection.used_at < now - USED_EVERY:
        Connection.objects.filter(pk=connection.pk).update(used_at=now)


def close_connection(person: Person) -> None:
    """Its code opens nothing from now on, and its account is closed; within the caller's transaction."""
    Connection.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk).update(is_active=False)
