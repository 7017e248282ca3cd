"""Databases of tests are put back as migrations left them, or made anew."""

import psycopg
import pytest
from psycopg import sql

pytestmark = pytest.mark.every_postgres

TABLES = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
SEQUENCES = "select seqrelid::regclass::text, pg_sequence_last_value(seqrelid) from pg_sequence order by 1"
COUNTED = """
select oid::regclass::text, relpages, reltuples, relallvisible from pg_class
 where relnamespace in ('public'::regnamespace, 'pg_toast'::regnamespace) order by 1
"""
SCRIBBLES = """
insert into practices_practice (agb_code, name, registered_count, email, second_email, phone)
  select lpad(nextval('practices_person_id_seq')::text, 8, '0'), repeat('Linde', 10), 2000, 'a@eik.example', '', ''
    from generate_series(1, 300);
delete from django_migrations;
update runtime_clock set shows = '2030-01-01';
truncate consult_questionnaire cascade;
"""


def connect(server, name):
    return psycopg.connect(server.dsn(name), autocommit=True)


def picture(conn) -> dict[str, object]:
    """Every row, where sequences stand, how long files of tables without rows are, and what planners believe."""
    rows = {
        table: [str(row) for row in conn.execute(sql.SQL("table {}").format(sql.SQL(table)))]
        for (table,) in conn.execute(TABLES).fetchall()
    }
    long = {table: conn.execute("select pg_relation_size(%s)", [table]).fetchone() for table in rows if not rows[table]}
    return {"rows": rows, "long": long, **{each: conn.execute(each).fetchall() for each in (SEQUENCES, COUNTED)}}


def test_what_was_written_is_gone_and_what_was_there_is_back(postgres):
    name = postgres.lend()
    with connect(postgres, name) as conn:
        before = picture(conn)
        assert before["rows"]["django_migrations"]
        for _ in range(2):
            conn.execute(SCRIBBLES)
        assert picture(conn) != before
    postgres.take_back(name)
    assert postgres.lend() == name
    with connect(postgres, name) as conn:
        after = picture(conn)
    postgres.take_back(name)
    assert after == before


@pytest.mark.parametrize("noticed", [True, pytest.param(False, id="control: nobody notes what changes")])
def test_one_with_another_table_is_not_used_again(postgres, noticed):
    name = postgres.lend()
    with connect(postgres, name) as conn:
        if not noticed:
            conn.execute("drop event trigger pristine_note")
        conn.execute("create table left_behind ()")
    postgres.take_back(name)
    again = postgres.lend()
    with connect(postgres, again) as conn:
        (left_behind,) = conn.execute("select to_regclass('left_behind') is not null").fetchone()
        conn.execute("insert into pristine.changed values ('spoilt')")
    postgres.take_back(again)
    assert left_behind is not noticed


def test_whoever_is_still_connected_is_cut(postgres):
    name = postgres.lend()
    with psycopg.connect(postgres.dsn(name)) as late:
        late.execute("lock table practices_practice")
        postgres.take_back(name)
        with pytest.raises(psycopg.OperationalError):
            late.execute("select 1")
