"""Databases of tests that are put back as migrations left them, in a fifth of what a new copy costs.

Rows go, sequences begin again, what migrations put there returns, and files shrink to nothing, so that rows lie in a
table in the order in which a test writes them. A database whose tables, functions or triggers were changed is not put
back: whoever asks makes a new one.
"""

import contextlib

import psycopg
from psycopg import sql

_BOOKKEEPING = """
create schema pristine;
create table pristine.changed (tag text);
create table pristine.class as
  select oid, relkind, relpages, reltuples, relallvisible from pg_class
   where relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pristine'::regnamespace)
     and relkind in ('r', 'i', 't');
create table pristine.sequence as
  select seqrelid as oid, seqstart, pg_sequence_last_value(seqrelid) as stood from pg_sequence;
create table pristine.seeded (oid oid, kept text);
do $$
declare found oid;
begin
  for found in select oid from pristine.class where relkind = 'r' and pg_relation_size(oid) > 0 loop
    execute format('create table pristine.%I as table %s', 'rows_' || found, found::regclass);
    insert into pristine.seeded values (found, format('pristine.%I', 'rows_' || found));
  end loop;
end $$;

create function pristine.put_back() returns table (name text) language plpgsql as $$
declare
  seeded record;
  same boolean;
  written oid[];
begin
  set local session_replication_role = replica;  -- neither foreign keys nor triggers have a say
  select coalesce(array_agg(c.oid), '{}') into written from pristine.class c
   where c.relkind = 'r' and pg_relation_size(c.oid) > 0 and c.oid not in (select s.oid from pristine.seeded s);
  for seeded in select s.oid, s.kept from pristine.seeded s loop
    execute format('select not exists ((select t::text from %1$s t except all select t::text from %2$s t) union all'
      ' (select t::text from %2$s t except all select t::text from %1$s t))', seeded.oid::regclass, seeded.kept)
      into same;
    if not same then
      execute format('delete from %s', seeded.oid::regclass);
      execute format('insert into %s overriding system value table %s', seeded.oid::regclass, seeded.kept);
      name := seeded.oid::regclass;
      return next;
    end if;
  end loop;
  for name in select w::regclass from unnest(written) w loop
    execute format('delete from %s', name);
    return next;
  end loop;
  perform setval(s.oid::regclass, coalesce(s.stood, s.seqstart), s.stood is not null) from pristine.sequence s
    where pg_sequence_last_value(s.oid) is distinct from s.stood;
end $$;

create function pristine.note() returns event_trigger security definer language plpgsql as
  $$ begin insert into pristine.changed values (tg_tag); end $$;
create event trigger pristine_note on ddl_command_end execute function pristine.note();
"""
_ALONE = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
# As if nobody had ever counted: plans are made as in a new database.
_UNCOUNTED = """
update pg_class c set relpages = p.relpages, reltuples = p.reltuples, relallvisible = p.relallvisible
  from pristine.class p
 where p.oid = c.oid
   and (c.relpages, c.reltuples, c.relallvisible) is distinct from (p.relpages, p.reltuples, p.relallvisible)
"""


def prepare(conn: psycopg.Connection) -> None:
    """Let this database, and each copy of it, be put back as it is now."""
    conn.execute(_BOOKKEEPING)


class Reused:
    """One database and a connection to it. Close it before the database is dropped."""

    def __init__(self, name: str, conn: psycopg.Connection) -> None:
        self.name = name
        self._conn = conn

    def put_back(self) -> bool:
        """Cut who is still connected, and make it as it was; False when it has to be made anew."""
        with contextlib.suppress(psycopg.Error):
            self._conn.execute(_ALONE, [self.name])
            if self._conn.execute("select exists (table pristine.changed)").fetchone() != (False,):
                return False
            written = [name for (name,) in self._conn.execute("select name from pristine.put_back()")]
            if written:
                tables = sql.SQL(", ".join(written))
                self._conn.execute(sql.SQL("vacuum (index_cleanup on) {}").format(tables))
                self._conn.execute(_UNCOUNTED)
            return True
        return False

    def close(self) -> None:
        self._conn.close()
