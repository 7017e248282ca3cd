-- The login role of the product's processes, which changes rows but no tables, and nothing that only grows. Run by who
-- may create roles and owns the tables.
do $$
begin
  if not exists (select from pg_roles where rolname = 'balie_app') then
    create role balie_app login;
  end if;
end $$;
call practices_admit_application_v1();
