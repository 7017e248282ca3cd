"""`balie connector`: begin once, then serve."""

import asyncio
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from granian.constants import Interfaces
from granian.server.mp import MPServer

from balie.connector.beginning import begin
from balie.connector.clearing import clear
from balie.connector.config import Config, load_config, make_key
from balie.connector.serving import load

STOP_WITHIN_S: Final = 5
NOTE_MOST: Final = 200


class Act(StrEnum):
    INIT = "init"
    SERVE = "serve"
    CLEAR = "clear"


def connector(
    act: Annotated[Act, typer.Argument(help="init: make its keys and its device, once; serve; clear: see --found")],
    config: Annotated[Path, typer.Option(help="its settings, in TOML")],
    host: str = "127.0.0.1",
    port: int = 8400,
    found: Annotated[str, typer.Option(help="clear: what you found out about keys it did not make, for the log")] = "",
) -> None:
    """Put messages into the record system beside it, and send what that gives."""
    settings = _settings(config)
    if act is Act.INIT:
        missing = asyncio.run(begin(settings))
        typer.echo(f"key of the record system: {make_key(settings)}")
        for each in missing:
            typer.echo(f"no share yet at {each.server}: {each.why}; run init again", err=True)
        raise typer.Exit(1 if missing else 0)
    if act is Act.CLEAR:
        _clear(settings, found.strip())
    else:
        _serve(config, host, port)


def _clear(settings: Config, found: str) -> None:
    if not 0 < len(found) <= NOTE_MOST:
        raise typer.BadParameter(f"write what you found out, in at most {NOTE_MOST} characters", param_hint="--found")
    for each in asyncio.run(clear(settings, found)):
        typer.echo(f"cleared: {each}")


def _settings(config: Path) -> Config:
    try:
        return load_config(config)
    except (OSError, ValueError) as fault:
        raise typer.BadParameter(f"{config}: {fault}", param_hint="--config") from None


def _serve(config: Path, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT. One process: what it heard, it holds in memory."""
    server = MPServer(
        "balie connector",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_S,
    )
    server.serve(target_loader=partial(load, config), wrap_loader=False)
