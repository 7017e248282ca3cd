"""Verbs for processes that run until they are told to stop."""

import asyncio
from typing import Annotated, Literal

import typer

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
