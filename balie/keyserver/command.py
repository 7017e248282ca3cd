"""`balie keyserver`: begin, serve, back up and restore a key server."""

import secrets
import sqlite3
from contextlib import closing
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from granian.constants import Interfaces
from granian.server.mp import MPServer

from balie.keyserver.asgi import load
from balie.keyserver.config import STORE, Config, Keys, load_config, load_keys, save_keys
from balie.keyserver.store import Store

STOP_WITHIN_S = 5


class Act(StrEnum):
    INIT = "init"
    PUBLIC = "public"
    SERVE = "serve"
    BACKUP = "backup"
    RESTORE = "restore"


def keyserver(
    act: Annotated[
        Act,
        typer.Argument(
            help="init: make its keys; public: show them again; serve; backup and restore: its store, to or from FILE"
        ),
    ],
    config: Annotated[Path, typer.Option(help="its settings, in TOML")],
    file: Annotated[Path | None, typer.Option(help="for backup and restore")] = None,
    host: str = "127.0.0.1",
    port: int = 8300,
) -> None:
    """Keep shares of people's keys, and give them to whoever shows a passkey."""
    settings = load_config(config)
    match act:
        case Act.INIT:
            init(settings)
        case Act.PUBLIC:
            public(settings)
        case Act.SERVE:
            serve(config, host, port)
        case Act.BACKUP:
            backup(settings, _needed(file))
        case Act.RESTORE:
            restore(settings, _needed(file))


def _needed(file: Path | None) -> Path:
    if file is None:
        raise typer.BadParameter("give --file")
    return file


def init(config: Config) -> None:
    """New keys, once. What is printed goes into the application's settings."""
    try:
        save_keys(config, Keys(secrets.token_bytes(32), secrets.token_bytes(32)))
    except FileExistsError:
        raise typer.BadParameter(f"{config.data} has keys already; they stay") from None
    Store(Path(config.data) / STORE).close()
    public(config)


def public(config: Config) -> None:
    """What of its keys goes into the application's settings."""
    for what, key in {"server": config.name, **load_keys(config).public()}.items():
        typer.echo(f"{what:<6} {key}")


def serve(config: Path, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT: requests that have begun are answered, then the store is closed."""
    server = MPServer(
        "balie keyserver",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_S,
    )
    server.serve(target_loader=partial(load, config), wrap_loader=False)


def backup(config: Config, file: Path) -> None:
    """A whole copy of the store, while it serves. Its keys (`keys.json`) are kept apart from it, elsewhere."""
    if file.exists():
        raise typer.BadParameter(f"{file} exists already")
    file.touch(mode=0o600)
    store = Store(Path(config.data) / STORE)
    store.copy_to(file)
    store.close()


def restore(config: Config, file: Path) -> None:
    """Only where there is no store: nothing is written over."""
    path = Path(config.data) / STORE
    if path.exists():
        raise typer.BadParameter(f"{path} exists already; put it aside first")
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        if not _sound(copy):
            raise typer.BadParameter(f"{file} is damaged")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as store:
            copy.backup(store)


def _sound(copy: sqlite3.Connection) -> bool:
    try:
        return bool(copy.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False
