-- Destroying a conversation: every practice that keeps it agreed, nobody holds it, and all goes at once or nothing.

-- Whether all who keep it grant what their patient asked (art. 7:455 BW): then it need not stay until its term.
create function consult_released_v1(p_group bigint) returns boolean
language sql stable as $$
  select exists (select from consult_keeper k where k.group_id = p_group)
     and not exists (
       select from consult_keeper k
        where k.group_id = p_group
          and not exists (select from consult_erasure e
                           where e.group_id = k.group_id and e.practice_id = k.practice_id
                             and e.ground = 'patient' and e.outcome = 'granted'))
$$;

-- Practices that keep it and have not agreed, on whichever ground.
create function consult_unagreed_v1(p_group bigint) returns bigint
language sql stable as $$
  select count(*) from consult_keeper k
   where k.group_id = p_group
     and not exists (select from consult_erasure e
                      where e.group_id = k.group_id and e.practice_id = k.practice_id and e.outcome = 'granted')
$$;

-- As consult_record_stays_v1, and what a patient asked for may go before its term.
create function consult_stays_v2(p_group bigint) returns void
language plpgsql as $$
begin
  perform from consult_group g where g.id = p_group for no key update;
  if exists (select from consult_hold h where h.group_id = p_group and h.lifted_at is null) then
    raise exception 'this conversation is held' using errcode = 'restrict_violation', constraint = 'consult_held';
  end if;
  if consult_kept_until_v1(p_group) > clock_timestamp() and not consult_released_v1(p_group) then
    raise exception 'this conversation is kept until later'
      using errcode = 'restrict_violation', constraint = 'consult_kept';
  end if;
end $$;

create function consult_record_stays_v2() returns trigger
language plpgsql as $$
begin
  perform consult_stays_v2(old.group_id);
  return old;
end $$;

create function consult_copy_stays_v2() returns trigger
language plpgsql as $$
begin
  perform consult_stays_v2((select k.group_id from consult_group_key k where k.id = old.key_id));
  return old;
end $$;

create or replace trigger consult_message_stays before delete on consult_message
  for each row execute function consult_record_stays_v2();
create or replace trigger consult_attachment_stays before delete on consult_attachment
  for each row execute function consult_record_stays_v2();
create or replace trigger consult_group_key_stays before delete on consult_group_key
  for each row execute function consult_record_stays_v2();
create or replace trigger consult_sealed_copy_stays before delete on consult_sealed_copy
  for each row execute function consult_copy_stays_v2();

-- Who asks to destroy keeps it; it takes the conversation's row, and what is gone is not asked for again. Past its term
-- means past it when the second person says so, too.
create function consult_erasure_begins_v1() returns trigger
language plpgsql as $$
begin
  perform from consult_group g where g.id = new.group_id for no key update;
  if not exists (select from consult_keeper k where k.group_id = new.group_id and k.practice_id = new.practice_id) then
    raise exception 'this practice does not keep it' using errcode = 'restrict_violation', constraint = 'consult_no_keeper';
  end if;
  if exists (select from consult_destruction d where d.group_id = new.group_id) then
    raise exception 'it is destroyed' using errcode = 'restrict_violation', constraint = 'consult_destroyed';
  end if;
  if new.ground = 'term' and new.outcome in ('', 'granted')
     and consult_kept_until_v1(new.group_id) > clock_timestamp() then
    raise exception 'its term is not past' using errcode = 'restrict_violation', constraint = 'consult_kept';
  end if;
  return new;
end $$;

create trigger consult_erasure_begins before insert or update on consult_erasure
  for each row execute function consult_erasure_begins_v1();

-- What was decided stays as it was decided.
create function consult_erasure_stays_v1() returns trigger
language plpgsql as $$
begin
  raise exception 'what was decided stays' using errcode = 'insufficient_privilege';
end $$;

create trigger consult_erasure_is_kept before delete on consult_erasure
  for each row execute function consult_erasure_stays_v1();
create trigger consult_erasure_is_settled before update on consult_erasure
  for each row when (old.outcome in ('refused', 'withdrawn')) execute function consult_erasure_stays_v1();
create trigger consult_destruction_is_kept before update or delete on consult_destruction
  for each row execute function consult_erasure_stays_v1();

-- Everything goes that opens it, and what that opened; what it was, by id and hash. Refused while one of its practices
-- has not agreed (consult_not_agreed), while something in it is not finished and its term not past (consult_open), and by
-- what keeps each row.
create function consult_destroy_v1(p_group bigint) returns table (what text, id text, hash text)
language plpgsql as $$
begin
  -- 1. The conversation's row, from everybody: who sends, holds or adds a file comes before or finds nobody in it.
  perform from consult_group g where g.id = p_group and g.kind = 'conversation' for update;

  -- 2. In statements of their own: what was committed while we waited is seen.
  if consult_unagreed_v1(p_group) > 0 or not exists (select from consult_keeper k where k.group_id = p_group) then
    raise exception 'not all agreed' using errcode = 'restrict_violation', constraint = 'consult_not_agreed';
  end if;
  if exists (select from consult_hold h where h.group_id = p_group and h.lifted_at is null) then
    raise exception 'this conversation is held' using errcode = 'restrict_violation', constraint = 'consult_held';
  end if;
  if consult_kept_until_v1(p_group) > clock_timestamp()
     and (exists (select from consult_econsult e where e.group_id = p_group and e.closed_at is null)
          or exists (select from consult_consultation c where c.group_id = p_group and c.concluded_at is null)) then
    raise exception 'something in it is open' using errcode = 'restrict_violation', constraint = 'consult_open';
  end if;

  -- 3. Copies of keys, keys, files, words. Messages last: the record's age follows from them.
  return query
  with gone as (
    delete from consult_sealed_copy c using consult_group_key k
     where k.id = c.key_id and k.group_id = p_group
    returning k.name, coalesce('person:' || c.identity_id, 'team:' || (
      select t.name from consult_group t where t.id = c.team_id)) as member, c.sealed)
  select 'copy', x.name || ' ' || x.member,
         translate(encode(sha256(convert_to(x.sealed, 'UTF8')), 'base64'), '+/=', '-_')
    from gone x order by 2;
  return query
  with gone as (delete from consult_group_key k where k.group_id = p_group returning k.name)
  select 'key', x.name::text, x.name::text from gone x order by 2;
  return query
  with gone as (delete from consult_attachment a where a.group_id = p_group returning a.hash)
  select 'attachment', x.hash::text, x.hash::text from gone x order by 2;
  return query
  with gone as (delete from consult_message m where m.group_id = p_group returning m.place, m.id, m.envelope)
  select 'message', x.id::text, translate(encode(sha256(convert_to(x.envelope, 'UTF8')), 'base64'), '+/=', '-_')
    from gone x order by x.place;
end $$;

-- Nobody is in it any more; who could read it is told, and reads its log. How far they were, and their flags, go too.
create function consult_dismiss_v1(p_destruction bigint, p_group bigint) returns void
language plpgsql as $$
begin
  insert into consult_witness (destruction_id, identity_id)
  select p_destruction, x.id
    from (select i.id from consult_identity i join consult_audience_v1(p_group) a on a.person_id = i.person_id
           union select f.identity_id from consult_former f where f.group_id = p_group) x
   order by 2;
  delete from consult_member m where m.group_id = p_group;
  delete from consult_former f where f.group_id = p_group;
  delete from consult_reading r where r.group_id = p_group;
  delete from consult_mark m where m.group_id = p_group;
end $$;

-- A file that comes up meanwhile waits for the conversation's row, and finds that it is gone.
create function consult_no_file_of_destroyed_v1() returns trigger
language plpgsql as $$
begin
  perform from consult_group g where g.id = new.group_id for key share;
  if exists (select from consult_destruction d where d.group_id = new.group_id) then
    raise exception 'it is destroyed' using errcode = 'restrict_violation', constraint = 'consult_destroyed';
  end if;
  return new;
end $$;

create trigger consult_no_file_of_destroyed before insert on consult_attachment
  for each row execute function consult_no_file_of_destroyed_v1();
