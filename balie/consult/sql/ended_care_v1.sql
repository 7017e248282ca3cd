-- Patients whose treatment has ended: from that moment they write nothing and get nothing new, and they keep reading what
-- was theirs. The clients of who treated them state the removal afterwards, and make other keys.

-- The conversations in which nobody treats this patient any more: neither by themselves nor by a team.
create function consult_untreated_v1(p_identity text) returns table (group_id bigint)
language sql stable as $$
  select m.group_id
    from consult_identity i join consult_member m on m.identity_id = i.id
    join consult_group g on g.id = m.group_id and g.kind = 'conversation'
   where i.id = p_identity and consult_is_patient_v1(i.person_id)
     and not exists (
       select from consult_audience_v1(m.group_id) a
         join practices_membership w on w.person_id = a.person_id
         join patients_patient t on t.practice_id = w.practice_id
        where t.person_id = i.person_id and t.ended_at is null)
$$;

-- When a practice ends a treatment: out of those conversations goes the patient, in this very transaction, and the keys
-- that they have retire. Locks as consult_lock_v1 takes them, so that whoever lets them in or takes a message meanwhile
-- comes before or after.
create function consult_end_care_v1() returns trigger
language plpgsql as $$
declare
  who text;
  conversations bigint[];
begin
  -- 1. The person.
  select i.id into who from consult_identity i where i.person_id = new.person_id for no key update;
  if who is null then
    return null;
  end if;

  -- 2. The conversations, of which more may be known now that we have the lock.
  conversations := array(select u.group_id from consult_untreated_v1(who) u);
  perform from (select g.id from consult_group g where g.id = any (conversations) order by g.id for no key update) l;

  -- 3. In a statement of its own: what was committed while we waited has its number.
  insert into consult_former (group_id, identity_id, until)
  select g.id, who, f.last from consult_group g, consult_feed f where g.id = any (conversations)
  on conflict (group_id, identity_id) do update set until = excluded.until;
  delete from consult_member m where m.identity_id = who and m.group_id = any (conversations);
  perform consult_retire_v1(conversations);
  return null;
end $$;

create trigger consult_end_care after update of ended_at on patients_patient
  for each row when (old.ended_at is null and new.ended_at is not null and new.person_id is not null)
  execute function consult_end_care_v1();

-- Up to which event of a conversation somebody may read whose treatment ended; null when that is not so.
create function consult_until_v1(p_group bigint, p_person bigint) returns bigint
language sql stable as $$
  select f.until from consult_former f join consult_identity i on i.id = f.identity_id
   where f.group_id = p_group and i.person_id = p_person
$$;

-- Whether somebody may read in a group: they belong to it, or did until their treatment ended.
create function consult_reads_v1(p_group bigint, p_person bigint) returns boolean
language sql stable as $$
  select consult_belongs_v1(p_group, p_person) or consult_until_v1(p_group, p_person) is not null
$$;

-- As consult_history_v1, and of what was theirs to who was in it.
create function consult_history_v2(p_person bigint, p_group text, p_after bigint, p_until bigint, p_most int)
returns table (reached bigint, feeds bigint[])
language sql stable as $$
  select h.reached, h.feeds from consult_history_v1(p_person, p_group, p_after, p_until, p_most) h
   union all
  select (select f.last from consult_feed f),
         array(select x.feed from (
           (select m.feed from consult_message m
             where m.group_id = g.id and m.feed > p_after and m.feed < u.before order by m.feed limit p_most)
            union all
           (select s.feed from consult_statement s
             where s.group_id = g.id and s.feed > p_after and s.feed < u.before order by s.feed limit p_most)) x
           order by x.feed limit p_most)
    from consult_group g
   cross join lateral (select least(p_until, consult_until_v1(g.id, p_person) + 1) as before) u
   where g.name = p_group and consult_until_v1(g.id, p_person) is not null and not consult_belongs_v1(g.id, p_person)
$$;

-- As consult_groups_v2, with what was theirs (`until`), and with those whose treatment ended (`ended`), for colleagues.
create function consult_groups_v3(p_person bigint)
returns table (reached bigint, group_name text, kind text, since bigint, last bigint, place bigint, read bigint,
               until bigint, ended text[])
language sql stable as $$
  with listed as (
    select v.reached, v.group_name, v.kind, v.since, v.last, v.place, v.read, null::bigint as until,
           array(select f.identity_id from consult_former f join consult_group g on g.id = f.group_id
                  where g.name = v.group_name and not consult_is_patient_v1(p_person)
                  order by f.identity_id collate "C") as ended
      from consult_groups_v2(p_person) v
     union all
    select c.last, g.name, g.kind, 0::bigint, f.until,
           coalesce((select max(m.place) from consult_message m where m.group_id = g.id and m.feed <= f.until), 0),
           coalesce(r.read, 0), f.until, '{}'
      from consult_identity i
      join consult_former f on f.identity_id = i.id
      join consult_group g on g.id = f.group_id
     cross join consult_feed c
      left join consult_reading r on r.group_id = g.id and r.identity_id = i.id
     where i.person_id = p_person)
  select l.* from listed l order by l.since, l.group_name collate "C"
$$;
