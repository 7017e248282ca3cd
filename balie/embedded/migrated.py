"""Clusters with a migrated database in them, at rest: migrating takes seconds, copying half of one.

One is made for each PostgreSQL when migrations or SQL changed; rehearsals, demos and tests begin as copies of it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from balie.embedded.places import data_folder, fingerprint_of_tables, temporary_home
from balie.embedded.postgres import NOT_DURABLE, Postgres, copy_cluster

_KEPT = 6
_SETTINGS = {**NOT_DURABLE, "max_wal_size": "256MB", "autovacuum": "off"}
_CATALOGS = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'pg_catalog'::regnamespace"


class MigrationsFailError(Exception):
    """No database can be made; the text is what Django said."""


@cache
def migrated_database() -> str:
    """Its name in those clusters. In a cluster that began before migrations or SQL changed there is none."""
    return f"balie_migrated_{fingerprint_of_tables()}"


def migrated_cluster(bindir: Path) -> Path:
    """A data folder that the PostgreSQL in `bindir` made, with that database; only to be copied.

    Raises MigrationsFailError.
    """
    folder = data_folder("clusters")
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{bindir.parent.name}-{fingerprint_of_tables()}"
    with folder.with_name("clusters.lock").open("w") as lock:  # others may need the same at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(bindir, made)
            _forget_old(folder)
        os.utime(made)
    return made


def _make(bindir: Path, made: Path) -> None:
    home = temporary_home()
    try:
        with Postgres(home, bindir=bindir, settings=_SETTINGS) as server:
            dsn = server.create_database(migrated_database())
            _migrate(dsn)
            _compact(dsn)
        fresh = made.with_name(f"{made.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        copy_cluster(home / "data", fresh)
        fresh.rename(made)
    finally:
        shutil.rmtree(home)


def _migrate(dsn: str) -> None:
    environment = {**os.environ, "DATABASE_URL": dsn, "BALIE_SECRET_KEY": "migrations sign nothing"}
    command = [sys.executable, "-m", "django", "migrate", "--settings", "balie.settings", "--verbosity", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise MigrationsFailError(done.stderr)


def _compact(dsn: str) -> None:
    """Every copy has what is here: not what migrations left behind, but what each first connection would make."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for (catalog,) in connection.execute(_CATALOGS).fetchall():
            connection.execute(sql.SQL("vacuum (full) {}").format(sql.SQL(catalog)))
        connection.execute("checkpoint")
    psycopg.connect(dsn).close()  # writes down what it learned of the catalogs


def _forget_old(folder: Path) -> None:
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
