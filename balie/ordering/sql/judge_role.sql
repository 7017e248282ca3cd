-- The login role of a judge, which may read the views of schema judge and nothing else. Run by who may create roles.
do $$
begin
  if not exists (select from pg_roles where rolname = 'balie_judge') then
    create role balie_judge login;
  end if;
end $$;
call judge.admit_v1();
