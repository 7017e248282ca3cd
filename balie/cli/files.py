"""Verbs that read or write a file: import-practices, those that verify one, away-page and token-keys."""

import json
from pathlib import Path
from typing import Annotated

import typer

from balie.cli.faults import CommandError
from balie.cli.install import prepare


def import_practices(
    file: Annotated[Path, typer.Argument(help="a workbook (.xlsx) or CSV, described in docs/import-practices.md")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do it; else it is only told what would change")] = False,
) -> None:
    prepare()
    from balie.ordering.services.groups import place_practices
    from balie.practices.importing.command import import_practices as run

    if status := run(file, yes=yes):
        raise typer.Exit(status)
    if yes:
        place_practices()


def verify_draw(
    file: Annotated[Path, typer.Argument(help="the published draw, as saved from the draw page")],
    ticket: Annotated[str, typer.Option(help="also print the number of this ticket")] = "",
) -> None:
    from balie.waitingroom.draw import verify_file

    try:
        report = verify_file(file)
    except ValueError as fault:
        raise CommandError(str(fault)) from None
    for wrong in report.faults:
        print(f"WRONG: {wrong}")
    if report.faults:
        raise typer.Exit(1)
    for each in report.rounds:
        beacon = "with a public random number" if each.beacon else "without a beacon: the organiser must be trusted"
        which = f"round {each.round}{f' ({each.name})' if each.name else ''}" if len(report.rounds) > 1 else "draw"
        print(f"The {which} is right: {each.tickets} tickets, {beacon}.")
    if ticket:
        number = report.numbers.get(ticket.strip().lower())
        print(f"Ticket {ticket} has number {number}." if number else f"Ticket {ticket} was not in the draw.")


def verify_deliveries(
    file: Annotated[Path, typer.Argument(help="the file of a day, as it was fetched")],
    signature: Annotated[Path, typer.Argument(help="the .jws beside it")],
    keys: Annotated[Path, typer.Argument(help="balie-sleutels.json, which the page of deliveries gives")],
) -> None:
    from balie.lib.checksums import StrangeFileError
    from balie.ordering.dayfile import verify_paths

    try:
        found = verify_paths(file, signature, keys)
    except StrangeFileError as fault:
        print(f"WRONG: {fault}")
        raise typer.Exit(1) from None
    doses = ", ".join(f"{count} {product}" for product, count in found.doses.items()) or "nothing"
    print(
        f"The file is right: {found.campaign}, {found.day}, version {found.version}, {len(found.stops)} stops, {doses}."
    )


def verify_destruction(
    file: Annotated[Path, typer.Argument(help="the certificate, as saved from its page")],
    key: Annotated[
        str, typer.Option(help="the public key of the installation; without it, those in its database")
    ] = "",
) -> None:
    from balie.consult.record.certificates import NotGoodError, check_file, keys_given

    if not key:
        prepare()
        from balie.consult.record.erasing import public_keys
    try:
        data = file.read_bytes()
        checked = check_file(data, keys_given(key) if key else public_keys())
    except OSError as fault:
        raise CommandError(f"{file} cannot be read: {fault.strerror}.") from None
    except NotGoodError as fault:
        print(f"WRONG: {fault}.")
        raise typer.Exit(1) from None
    said = checked.certificate
    print(f"The certificate is right, signed by key {checked.kid} of {said.installation}.")
    print(f"Conversation {said.conversation} was destroyed at {said.at}.")
    print("Gone: " + ", ".join(f"{count} {what}" for what, count in said.counts.items()) + ".")
    for each in said.agreed:
        asked = f"asked by {each.asked_by} at {each.asked_at}, decided by {each.decided_by} at {each.decided_at}"
        print(f"{each.practice} ({each.agb}), ground {each.ground}: {asked}.")


def verify_log() -> None:
    prepare()
    from balie.consult.keylog.verifying import RewrittenError
    from balie.consult.keylog.verifying import verify_log as verify

    try:
        found = verify()
    except RewrittenError as fault:
        print(f"WRONG: {fault}.")
        raise typer.Exit(1) from None
    cosigned = f"cosigned up to entry {found.cosigned} of the key log" if found.cosigned else "not cosigned yet"
    print(f"The log is right: {found.entries} entries in {found.books} books, {found.roots} roots, {cosigned}.")


def away_page(file: Annotated[Path, typer.Argument(help="where to; a proxy serves it when nobody answers")]) -> None:
    prepare()
    from balie.lib.away import away_page as render

    try:
        file.write_text(render(), encoding="utf-8")
    except OSError as fault:
        raise CommandError(f"{file} cannot be written: {fault.strerror}.") from None
    print(f"{file} is the page for when everything is down; docs/operating.md says how a proxy serves it.")


def token_keys() -> None:
    prepare()
    from django.conf import settings

    from balie.consult.tokens import Issuer

    try:
        issuer = Issuer(origin=settings.ORIGINS[0], seed=settings.TOKEN_SEED, servers=())
    except ValueError as fault:
        raise CommandError(f"BALIE_TOKEN_SEED: {fault}. Make one with: openssl rand -base64 32") from None
    print(json.dumps(issuer.public(), indent=1))
