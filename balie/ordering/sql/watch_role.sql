-- The login role of `balie watch`, which may read the views of schema watch, write its mark, and nothing else. Run by
-- who may create roles.
do $$
begin
  if not exists (select from pg_roles where rolname = 'balie_watch') then
    create role balie_watch login connection limit 20;
  end if;
end $$;
call watch.admit_v1();
call practices_admit_watch_v1();
