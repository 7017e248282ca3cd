-- The record: which practices keep a conversation, until when, and that nothing of it goes before, or while it is held.

-- A practice keeps a conversation from when somebody who works for it comes in, or a team of it; who leaves the practice
-- later takes nothing along. Of a team without a practice these are the practices of its people.
create function consult_keep_v1(p_group bigint, p_identity text, p_team bigint) returns void
language sql as $$
  insert into consult_keeper (group_id, practice_id)
  select p_group, x.practice_id
    from (select w.practice_id
            from consult_identity i join practices_membership w on w.person_id = i.person_id
           where i.id = p_identity
              or i.id in (select t.identity_id from consult_member t where t.group_id = p_team)
                 and not exists (
                   select from consult_team_name n where n.group_id = p_team and n.practice_id is not null)
           union
          select n.practice_id from consult_team_name n where n.group_id = p_team and n.practice_id is not null) x
   order by x.practice_id
  on conflict do nothing
$$;

create function consult_keeps_member_v1() returns trigger
language plpgsql as $$
begin
  if exists (select from consult_group g where g.id = new.group_id and g.kind = 'conversation') then
    perform consult_keep_v1(new.group_id, new.identity_id, new.team_id);
  end if;
  return null;
end $$;

create trigger consult_keeps_member after insert on consult_member
  for each row execute function consult_keeps_member_v1();

-- A team gets its practice with its name: what it is in already is that practice's too.
create function consult_keeps_team_v1() returns trigger
language plpgsql as $$
begin
  insert into consult_keeper (group_id, practice_id)
  select m.group_id, new.practice_id from consult_member m where m.team_id = new.group_id order by m.group_id
  on conflict do nothing;
  return null;
end $$;

create trigger consult_keeps_team after insert or update of practice_id on consult_team_name
  for each row when (new.practice_id is not null) execute function consult_keeps_team_v1();

-- What was there before this.
select consult_keep_v1(m.group_id, m.identity_id, m.team_id)
  from consult_member m join consult_group g on g.id = m.group_id and g.kind = 'conversation';

-- When the record of a conversation last changed: it began, something was said or sent, or a question moved on. Reading,
-- keys, and who came or went change no record. Null when there is nothing in it.
create function consult_changed_v1(p_group bigint) returns timestamptz
language sql stable as $$
  select greatest(
    (select min(s.received_at) from consult_statement s where s.group_id = p_group),
    (select m.received_at from consult_group g join consult_message m on m.group_id = g.id and m.place = g.last
      where g.id = p_group),
    (select max(a.stored_at) from consult_attachment a where a.group_id = p_group),
    (select max(greatest(c.asked_at, c.picked_up_at, c.concluded_at)) from consult_consultation c
      where c.group_id = p_group),
    (select greatest(e.arrived_at, e.picked_up_at, e.closed_at) from consult_econsult e where e.group_id = p_group))
$$;

-- From when it need not be kept any more: 20 years after that (art. 7:454 BW), or the longest that one of its practices
-- has to.
create function consult_kept_until_v1(p_group bigint) returns timestamptz
language sql stable as $$
  select consult_changed_v1(p_group) + make_interval(years => greatest(20, (
    select max(r.years) from consult_retention r join consult_keeper k on k.practice_id = r.practice_id
     where k.group_id = p_group)))
$$;

-- Nothing of a conversation goes before that, nor while a practice holds it. Whoever holds it has its row, so one comes
-- before the other.
create function consult_record_stays_v1() returns trigger
language plpgsql as $$
begin
  perform from consult_group g where g.id = old.group_id for no key update;
  if exists (select from consult_hold h where h.group_id = old.group_id and h.lifted_at is null) then
    raise exception 'this conversation is held' using errcode = 'restrict_violation', constraint = 'consult_held';
  end if;
  if consult_kept_until_v1(old.group_id) > clock_timestamp() then
    raise exception 'this conversation is kept until later'
      using errcode = 'restrict_violation', constraint = 'consult_kept';
  end if;
  return old;
end $$;

create trigger consult_message_stays before delete on consult_message
  for each row execute function consult_record_stays_v1();
create trigger consult_attachment_stays before delete on consult_attachment
  for each row execute function consult_record_stays_v1();
create trigger consult_group_key_stays before delete on consult_group_key
  for each row execute function consult_record_stays_v1();

-- A sealed copy goes with its key only.
create function consult_copy_stays_v1() returns trigger
language plpgsql as $$
declare
  group_of bigint := (select k.group_id from consult_group_key k where k.id = old.key_id);
begin
  perform from consult_group g where g.id = group_of for no key update;
  if exists (select from consult_hold h where h.group_id = group_of and h.lifted_at is null)
     or consult_kept_until_v1(group_of) > clock_timestamp() then
    raise exception 'this conversation is held, or kept until later'
      using errcode = 'restrict_violation', constraint = 'consult_kept';
  end if;
  return old;
end $$;

create trigger consult_sealed_copy_stays before delete on consult_sealed_copy
  for each row execute function consult_copy_stays_v1();

-- A hold takes the conversation's row, and is of a practice that keeps it.
create function consult_hold_begins_v1() returns trigger
language plpgsql as $$
begin
  perform from consult_group g where g.id = new.group_id for no key update;
  if not exists (select from consult_keeper k where k.group_id = new.group_id and k.practice_id = new.practice_id) then
    raise exception 'this practice does not keep it' using errcode = 'restrict_violation', constraint = 'consult_no_keeper';
  end if;
  return new;
end $$;

create trigger consult_hold_begins before insert on consult_hold
  for each row execute function consult_hold_begins_v1();

-- What a practice keeps, without a word of it; `patients` are its own, of others only the count is told.
create function consult_record_v1(p_practice bigint)
returns table (group_id bigint, name text, kind text, messages bigint, changed_at timestamptz, due_at timestamptz,
               patients text[], others bigint, held_since timestamptz, held_why text, held_by text, held_elsewhere boolean)
language sql stable as $$
  select g.id, g.name,
         case when exists (select from consult_econsult e where e.group_id = g.id) then 'econsult'
              when exists (select from consult_consultation c where c.group_id = g.id) then 'consultation'
              else 'conversation' end,
         g.last, consult_changed_v1(g.id), consult_kept_until_v1(g.id), w.own, w.others,
         h.placed_at, coalesce(h.reason, ''), coalesce(b.name, ''),
         exists (select from consult_hold o
                  where o.group_id = g.id and o.lifted_at is null and o.practice_id <> p_practice)
    from consult_keeper k
    join consult_group g on g.id = k.group_id
    left join consult_hold h on h.group_id = g.id and h.practice_id = p_practice and h.lifted_at is null
    left join practices_person b on b.id = h.placed_by_id
   cross join lateral (
     select coalesce(array_agg(y.name order by y.name) filter (where y.name is not null), '{}') as own,
            count(*) filter (where y.name is null) as others
       from (select (select min(t.name) from patients_patient t
                      where t.person_id = i.person_id and t.practice_id = p_practice) as name
               from (select m.identity_id from consult_member m where m.group_id = g.id and m.identity_id is not null
                      union
                     select f.identity_id from consult_former f where f.group_id = g.id) x
               join consult_identity i on i.id = x.identity_id
              where consult_is_patient_v1(i.person_id)) y) w
   where k.practice_id = p_practice
$$;
