"""Verbs for whoever runs an installation: init, migrate, check, reseal-bsn."""

import os
from typing import Annotated

import typer

from balie.cli.faults import CommandError
from balie.lib.loading import loading


def set_up() -> None:
    """Load settings and models; a missing setting is reported by `balie.cli.faults`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balie.settings")
    import django

    with loading():
        django.setup()


def prepare() -> None:
    """`set_up`, and raise CommandError where a setting cannot work."""
    set_up()
    refuse_wrong_settings()


def refuse_wrong_settings() -> None:
    """Raises CommandError that lists what cannot work."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balie.settings")
    from balie.runtime.checks import check_settings

    if wrong := check_settings():
        lines = [f"{each.msg} {each.hint} ({each.id})" for each in wrong]
        raise CommandError("wrong settings:\n" + "\n".join(lines) + "\nEvery setting is explained in docs/settings.md.")


def init(
    email: Annotated[str, typer.Option(help="of the first organiser", prompt="E-mail of the first organiser")],
    name: Annotated[str, typer.Option(help="of the first organiser", prompt="Name of the first organiser")],
) -> None:
    prepare()
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from balie.practices.models import Person
    from balie.practices.people import add_organiser

    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"“{email}” is not an e-mail address.") from None
    _make_tables()
    if Person.objects.filter(email=email.strip().lower()).exists():
        raise CommandError(f"{email} has an account already; nothing was changed but the tables.")
    add_organiser(email=email, name=name)
    print(f"{name} sets a password on the login page, through “wachtwoord vergeten”.")
    print("Next: `balie serve` and `balie work`, then `balie import-practices FILE`.")
    print("For your proxy: `balie away-page FILE` writes what people see when nothing answers.")


def migrate() -> None:
    prepare()
    _make_tables()


def _make_tables() -> None:
    """And let the role of the processes, where there is one, at those that came."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=1)
    with connection.cursor() as cursor:
        cursor.execute("call practices_admit_application_v1()")


def check(
    *,
    deploy: Annotated[bool, typer.Option("--deploy", help="also what matters once practices use it")] = False,
) -> None:
    set_up()
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    try:
        call_command("check", deploy=deploy, fail_level="WARNING")
    except SystemCheckError as found:
        print(found)
        raise typer.Exit(1) from None


def reseal_bsn() -> None:
    prepare()
    from django.conf import settings

    from balie.patients.resealing import reseal_bsns

    if not settings.BSN_KEY:
        raise CommandError("BALIE_BSN_KEY is not set, so there is nothing to seal with.")
    for progress in reseal_bsns():
        print(f"{progress.done} sealed again, {progress.left} to go")
    if progress.unopened:
        print(f"No key of these opens {len(progress.unopened)}: {', '.join(progress.unopened)}")
        raise typer.Exit(1)
    print("All are under the first key; the others may go.")
