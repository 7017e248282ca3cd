-- What `balie watch` reads, and the one row that it writes; docs/operating.md says who else may.

create schema watch;

-- Written by probes, to see that rows can be written and reach the replicas. There is one row.
create table watch.mark (
  id smallint primary key default 1 check (id = 1),
  number bigint not null default 0,
  at timestamptz not null default clock_timestamp()
);
insert into watch.mark default values;

-- `unattended_s`: since somebody advanced it; after two seconds it stands.
create view watch.clock as
select service_now() as service_now, extract(epoch from clock_timestamp() - advanced_at)::float8 as unattended_s
  from runtime_clock;

create view watch.heartbeats as
select process, role, extract(epoch from clock_timestamp() - beat_at)::float8 as age_s from runtime_heartbeat;

-- Mail that could leave and was not taken: how many, and for how many seconds the oldest.
create view watch.outbox as
select count(*) as due, coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)), 0)::float8 as oldest_s
  from mail_outbox
 where state = 'queued' and next_attempt_at <= now() and (taken_until is null or taken_until < now());

-- Lets the role balie_watch, where there is such a role, read these views and write the mark, and nothing else.
-- service_now() reads the clock's row as whoever asks.
create procedure watch.admit_v1() language plpgsql as $$
begin
  if exists (select from pg_roles where rolname = 'balie_watch') then
    grant usage on schema watch to balie_watch;
    grant select on all tables in schema watch to balie_watch;
    grant update (number, at) on watch.mark to balie_watch;
    grant select on runtime_clock to balie_watch;
  end if;
end $$;

call watch.admit_v1();
