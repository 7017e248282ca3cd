"""The role that the product's processes come as: it does their work, and cannot touch what only grows."""

import os
import subprocess
import sys

import psycopg
import pytest

from balie.lib.sqlfiles import read_sql
from balie.practices.testing import make_person, make_practice

GROWING = {
    "practices_audit_event": "action",
    "consult_log_entry": "hash",
    "consult_key_log_entry": "index",
    "consult_log_root": "name",
    "consult_log_head": "hash",
}
ADDED = """
insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail, origin)
values (now(), null, null, 'room.paused', 'room:3', 'mailserver', '{}', '')
"""


@pytest.fixture
def application(installation):
    """A connection as that role, to a database with one act in its log."""
    with installation.connect() as owner:
        owner.execute(read_sql("practices", "application_role"))
        owner.execute(ADDED)
    with psycopg.connect(**_as_application(installation), autocommit=True) as conn:
        yield conn


def _as_application(installation) -> dict[str, str]:
    return {"conninfo": installation.dsn, "user": "balie_app"}


@pytest.mark.every_postgres
def test_it_adds_to_the_log_and_reads_it(application):
    application.execute(ADDED)
    assert application.execute("select count(*) from practices_audit_event").fetchone() == (2,)


@pytest.mark.every_postgres
@pytest.mark.parametrize("table", sorted(GROWING))
def test_what_only_grows_is_out_of_its_reach(application, table):
    """Nor can it take away what guards the table. It is the right that is missing: no trigger has a say."""
    application.execute(f"grant update on {table} to balie_app")  # which grants nothing, with a warning
    for refused in (
        f"update {table} set {GROWING[table]} = {GROWING[table]}",
        f"delete from {table}",
        f"truncate {table}",
        f"alter table {table} disable trigger all",
        f"drop table {table}",
        "set session_replication_role = replica",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as fault:
            application.execute(refused)
        assert "only grows" not in str(fault.value)


def test_control_the_owner_may_take_the_guard_away_and_change_the_log(installation, application):
    with installation.connect() as owner:
        owner.execute("alter table practices_audit_event disable trigger all")
        owner.execute("update practices_audit_event set reason = 'anders'")
    assert application.execute("select reason from practices_audit_event").fetchone() == ("anders",)


def test_all_that_grows_is_known_and_nothing_else_is_kept_from_it(installation, application):
    """A table with a guard against being emptied grows; everything that does not, the product changes."""
    with installation.connect() as owner:
        guarded = owner.execute("select grown::text from practices_growing_tables_v1()").fetchall()
        tables = owner.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    assert {name for (name,) in guarded} == set(GROWING)
    may = "select has_table_privilege('balie_app', %s, 'update') and has_table_privilege('balie_app', %s, 'delete')"
    kept = {name for (name,) in tables if application.execute(may, (name, name)).fetchone() == (False,)}
    assert kept == set(GROWING)


def test_the_product_writes_as_that_role(installation, application):
    """What the pages do, in a process whose address of the database names it; an act is logged with it."""
    person, practice = make_person(), make_practice()
    code = (
        "import django; django.setup()\n"
        "from balie.practices.models import Person, Practice\n"
        "from balie.practices.services import switch_practice\n"
        f"practice = Practice.objects.get(pk={practice.pk})\n"
        f"switch_practice(person=Person.objects.get(pk={person.pk}), practice=practice, before=None)\n"
    )
    environment = {**os.environ, "DATABASE_URL": installation.dsn.replace("//postgres@", "//balie_app@")}
    environment |= {"BALIE_SECRET_KEY": "x" * 60, "DJANGO_SETTINGS_MODULE": "balie.settings"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    assert application.execute("select count(*) from practices_audit_event").fetchone() == (2,)


def test_who_migrates_lets_it_at_new_tables_and_nobody_else_can(installation, application):
    with installation.connect() as owner:
        owner.execute("create table came_later (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("call practices_admit_application_v1()")
        owner.execute("call practices_admit_application_v1()")
    application.execute("insert into came_later values (1)")
