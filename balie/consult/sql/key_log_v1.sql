-- The key log: every statement about keys gets an index in the transaction that gives it its number in the feed. So the
-- order is that of the feed, without gaps, whichever release of ours posts.

-- Whose key it is, for whoever knows the person's id: docs/spec/consult/keylog.md.
create function consult_key_log_of_v1(p_identity text) returns text
language sql immutable as $$
  select translate(encode(sha256(
    convert_to('balie/1/key-log-of', 'UTF8') || '\x00'::bytea || consult_field_v1(p_identity)), 'base64'), '+/=', '-_')
$$;

-- Entries for these statements (rows), in the order of the feed. The feed's row is locked by whoever calls.
create function consult_key_log_append_v1(p_statements bigint[]) returns void
language plpgsql as $$
declare
  reached bigint;
begin
  select l.size into strict reached from consult_key_log l for no key update;
  insert into consult_key_log_entry (index, statement_id, name, of)
  select reached - 1 + row_number() over (order by s.feed), s.id, s.name, consult_key_log_of_v1(s.identity_id)
    from consult_statement s
   where s.id = any (p_statements)
     and s.typ in ('balie-person-key+jws', 'balie-device+jws', 'balie-device-revoked+jws')
   order by s.feed;
end $$;

create function consult_key_log_numbered_v1() returns trigger
language plpgsql as $$
begin
  perform consult_key_log_append_v1(array(select n.id from numbered n where n.feed is not null));
  return null;
end $$;

create trigger consult_key_log_numbered after update on consult_statement
  referencing new table as numbered
  for each statement execute function consult_key_log_numbered_v1();

-- An entry has the index that is the size so far, and makes it one more: no gap, and none twice.
create function consult_key_log_follows_v1() returns trigger
language plpgsql as $$
begin
  update consult_key_log set size = size + 1 where size = new.index;
  if not found then
    raise exception 'the key log has no place % now', new.index using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create trigger consult_key_log_follows before insert on consult_key_log_entry
  for each row execute function consult_key_log_follows_v1();

create function consult_key_log_only_grows_v1() returns trigger
language plpgsql as $$
begin
  raise exception 'the key log only grows: % is refused', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;

create trigger consult_key_log_only_grows before update or delete on consult_key_log_entry
  for each row execute function consult_key_log_only_grows_v1();

create trigger consult_key_log_is_never_emptied before truncate on consult_key_log_entry
  for each statement execute function consult_key_log_only_grows_v1();

-- What was stated before there was a log, in its order.
lock table consult_feed in share row exclusive mode;
insert into consult_key_log (size) values (0);
select consult_key_log_append_v1(array(select s.id from consult_statement s where s.feed is not null));
