-- Roots of the log of who did what, in the key log; they stay as they are.

-- A root as the next entry of the key log. Nothing else has no statement.
create function consult_key_log_root_v1(p_name text) returns void
language plpgsql as $$
declare
  reached bigint;
begin
  select l.size into strict reached from consult_key_log l for no key update;
  insert into consult_key_log_entry (index, statement_id, name, of)
  values (reached, null, p_name, translate(encode(sha256(
    convert_to('balie/1/key-log-roots', 'UTF8') || '\x00'::bytea), 'base64'), '+/=', '-_'));
end $$;

create function consult_log_roots_only_grow_v1() returns trigger
language plpgsql as $$
begin
  raise exception 'roots of the log only grow: % is refused', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;

create trigger consult_log_root_only_grows before update or delete on consult_log_root
  for each row execute function consult_log_roots_only_grow_v1();
create trigger consult_log_root_is_never_emptied before truncate on consult_log_root
  for each statement execute function consult_log_roots_only_grow_v1();
create trigger consult_log_head_only_grows before update or delete on consult_log_head
  for each row execute function consult_log_roots_only_grow_v1();
create trigger consult_log_head_is_never_emptied before truncate on consult_log_head
  for each statement execute function consult_log_roots_only_grow_v1();
