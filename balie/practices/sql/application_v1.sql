-- What the role may do that `balie serve`, `work` and `bounces` come as: everything the product does with rows, and
-- nothing that would change what only grows, or its triggers. Nothing happens where there is no such role.

-- To be called again after each migration, which `balie migrate` does: tables that came since are granted then.
create procedure practices_admit_application_v1() language plpgsql as $$
declare
  guarded regclass;
begin
  if not exists (select from pg_roles where rolname = 'balie_app') then
    return;
  end if;
  grant usage on schema public, watch to balie_app;
  grant select, insert, update, delete on all tables in schema public to balie_app;
  grant usage, select on all sequences in schema public to balie_app;
  grant select on all tables in schema watch to balie_app;
  for guarded in select t.grown from practices_growing_tables_v1() t loop
    execute format('revoke update, delete, truncate on %s from balie_app', guarded);
  end loop;
end $$;

revoke execute on procedure practices_admit_application_v1() from public;

-- Tables that only grow: those whose rows a trigger keeps from being truncated.
create function practices_growing_tables_v1() returns table (grown regclass) language sql stable as $$
  select g.tgrelid::regclass from pg_trigger g where not g.tgisinternal and (g.tgtype & 32) = 32 order by 1
$$;
