"""Connections: how a program of a practice, such as the connector beside its record system, gets passes.

A connection is a colleague of its own: everybody sees that it is there, it has keys of its own, and whoever decides
about staff ends it. Its passes open consulting alone (`Door`), and it has no password.
"""

import hashlib
import secrets
from typing import Final

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from balie.practices.models import Connection, Membership, Person, Practice
from balie.practices.passes import make_pass
from balie.practices.people import clean_name
from balie.practices.services import record

CODE_BYTES: Final = 24
NO_MAIL: Final = "koppeling.invalid"  # RFC 2606: no such host, ever


@transaction.atomic
def connect(*, practice: Practice, name: str, actor: Person) -> str:
    """A new connection; its code, which is shown this once. Raises ValidationError, by field."""
    errors: dict[str, ValidationError] = {}
    name = clean_name(name, errors)
    if errors:
        raise ValidationError(errors)
    code = secrets.token_hex(CODE_BYTES)  # no sign at which a line or a double click breaks it
    person = Person.objects.create(
        email=f"{secrets.token_hex(8)}@{NO_MAIL}",
        name=name,
        password=make_password(None),
    )
    Membership.objects.create(person=person, practice=practice, role=Membership.Role.SOFTWARE)
    Connection.objects.create(person=person, practice=practice, digest=_digest(code))
    record(
        actor=actor, practice=practice, action="connection.made", subject=f"person:{person.pk}", detail={"name": name}
    )
    return code


def connection_by_code(code: str) -> Connection | None:
    """None when there is none (any longer)."""
    known = Connection.objects.select_related("person", "practice")
    return known.filter(digest=_digest(code), person__is_active=True).first()


def give_pass(connection: Connection) -> str:
    """A pass for a connection, which is noted as used."""
    Connection.objects.filter(pk=connection.pk).update(used_at=timezone.now())
    return make_pass(
        person=connection.person_id,
        practice=connection.practice_id,
        role=Membership.Role.SOFTWARE,
        organiser=False,
        generation=connection.person.pass_generation,
    )


def close_connection(person: Person) -> None:
    """Its code opens nothing from now on, and its account is closed; within the caller's transaction."""
    Connection.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk).update(is_active=False)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
