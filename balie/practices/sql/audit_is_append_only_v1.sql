-- The log of acts only grows: whoever tries to change, delete or truncate it is refused, whatever code they run.
create function practices_audit_is_append_only_v1() returns trigger language plpgsql as $$
begin
  raise exception 'practices_audit_event only grows: % is refused', lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;

create trigger practices_audit_is_append_only before update or delete on practices_audit_event
  for each row execute function practices_audit_is_append_only_v1();

create trigger practices_audit_is_never_emptied before truncate on practices_audit_event
  for each statement execute function practices_audit_is_append_only_v1();
