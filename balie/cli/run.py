"""Verbs for processes that run until they are told to stop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from balie.cli.faults import CommandError
from balie.cli.install import prepare, refuse_wrong_settings
from balie.lib.exposition import AddressError, exposed
from balie.lib.loading import loading

Metrics = Annotated[
    str | None, typer.Option(help="answer /metrics for Prometheus here, e.g. 127.0.0.1:9101", metavar="HOST:PORT")
]


@contextmanager
def measured(metrics: str | None) -> Iterator[None]:
    """Around all the rest of a verb. Raises CommandError where nothing can listen at that address."""
    try:
        with exposed(metrics):
            yield
    except AddressError as error:
        raise CommandError(f"--metrics: {error}") from None


def serve(
    *,
    role: Annotated[
        Literal["all", "pages", "login", "live", "streams"],
        typer.Option(help="what this process answers; a proxy splits paths over the last four"),
    ] = "all",
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int | None, typer.Option(help="worker processes; by default what suits the role", min=1)] = None,
    metrics: Metrics = None,
) -> None:
    with measured(metrics):
        refuse_wrong_settings()
        with loading():
            from balie.serve import ServeRole
            from balie.serve import serve as serve_role

        serve_role(role=ServeRole(role), host=host, port=port, workers=workers)


def work(*, metrics: Metrics = None) -> None:
    with measured(metrics):
        prepare()
        with loading():
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
