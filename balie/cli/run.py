"""Verbs for processes that run until they are told to stop."""

import asyncio
from typing import Annotated, Literal

import typer

from balie.cli.faults import CommandError
from balie.cli.install import prepare, refuse_wrong_settings


def serve(
    *,
    role: Annotated[
        Literal["all", "pages", "login", "live", "streams"],
        typer.Option(help="what this process answers; a proxy splits paths over the last four"),
    ] = "all",
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int | None, typer.Option(help="worker processes; by default what suits the role", min=1)] = None,
) -> None:
    refuse_wrong_settings()
    from balie.serve import ServeRole
    from balie.serve import serve as serve_role

    serve_role(role=ServeRole(role), host=host, port=port, workers=workers)


def work() -> None:
    prepare()
    from balie.lib.log import set_up_logging
    from balie.work import main

    set_up_logging()
    asyncio.run(main())


def bounces() -> None:
    prepare()
    from django.conf import settings

    from balie.lib.log import set_up_logging
    from balie.mail.bounces import Bind, main

    try:
        bind = Bind.read(settings.LMTP_BIND)
    except ValueError as error:
        raise CommandError(str(error)) from None
    set_up_logging()
    try:
        asyncio.run(main(bind))
    except OSError as error:
        raise CommandError(f"{settings.LMTP_BIND}, where BALIE_LMTP_BIND says to listen: {error.strerror}.") from None
