-- Reading: which events are for whom, by their numbers; and the events with these numbers.

-- Which statements of a person others get to see: keys and devices.
create function consult_is_public_v1(p_typ text) returns boolean
language sql immutable as $$
  select p_typ in ('balie-person-key+jws', 'balie-device+jws', 'balie-device-revoked+jws')
$$;

-- What somebody belongs to, by themselves or by a team, and since which event.
create function consult_mine_v1(p_person bigint) returns table (group_id bigint, since bigint)
language sql stable as $$
  with direct as materialized (
    select m.group_id, m.since from consult_identity i join consult_member m on m.identity_id = i.id
     where i.person_id = p_person)
  select x.group_id, min(x.since)
    from (select d.group_id, d.since from direct d
           union all
          select c.group_id, greatest(d.since, c.since) from direct d
            join consult_member c on c.team_id = d.group_id) x
   group by x.group_id
$$;

-- The first `p_most` events for a person after `p_after`, and up to where the feed had come.
create function consult_page_v1(p_person bigint, p_after bigint, p_most int)
returns table (reached bigint, feeds bigint[])
language sql stable as $$
  with me as materialized (select i.id from consult_identity i where i.person_id = p_person),
  mine as materialized (select m.group_id, m.since from consult_mine_v1(p_person) m),
  names as materialized (
    select 'person:' || me.id as member from me
     union all
    select 'team:' || g.name from mine join consult_group g on g.id = mine.group_id and g.kind = 'team'),
  found as (
    -- messages and statements of what they belong to
    select n.feed from mine cross join lateral (
      select x.feed from consult_message x
       where x.group_id = mine.group_id and x.feed > p_after and x.feed >= mine.since order by x.feed limit p_most) n
     union
    select n.feed from mine cross join lateral (
      select x.feed from consult_statement x
       where x.group_id = mine.group_id and x.feed > p_after and x.feed >= mine.since order by x.feed limit p_most) n
     union
    -- acts about them, or a team they are in
    select n.feed from names cross join lateral (
      select x.feed from consult_statement x
       where x.about = names.member and x.feed > p_after order by x.feed limit p_most) n
     union
    -- what people say of themselves
    (select x.feed from consult_statement x
      where x.group_id is null and x.feed > p_after
        and (x.identity_id = (select me.id from me)
             or consult_is_public_v1(x.typ) and exists (
               select from consult_member m left join consult_member c on c.team_id = m.group_id
                where m.identity_id = x.identity_id
                  and (m.group_id in (select mine.group_id from mine)
                       or c.group_id in (select mine.group_id from mine))))
      order by x.feed limit p_most))
  select (select f.last from consult_feed f),
         array(select found.feed from found order by found.feed limit p_most)
$$;

-- The first `p_most` events of a group between two numbers; null when the person does not belong to it.
create function consult_history_v1(p_person bigint, p_group text, p_after bigint, p_until bigint, p_most int)
returns table (reached bigint, feeds bigint[])
language sql stable as $$
  select (select f.last from consult_feed f),
         array(select x.feed from (
           (select m.feed from consult_message m
             where m.group_id = g.id and m.feed > p_after and m.feed < p_until order by m.feed limit p_most)
            union all
           (select s.feed from consult_statement s
             where s.group_id = g.id and s.feed > p_after and s.feed < p_until order by s.feed limit p_most)) x
           order by x.feed limit p_most)
    from consult_group g where g.name = p_group and consult_belongs_v1(g.id, p_person)
$$;

-- What a person said of themselves, as far as the one who asks may see it; nothing when there is no such person.
create function consult_of_person_v1(p_asks bigint, p_identity text)
returns table (name text, feeds bigint[])
language sql stable as $$
  select p.name, array(
           select s.feed from consult_statement s
            where s.identity_id = i.id and s.group_id is null and s.feed is not null
              and (i.person_id = p_asks or consult_is_public_v1(s.typ)) order by s.feed)
    from consult_identity i join practices_person p on p.id = i.person_id
   where i.id = p_identity
$$;

-- The events with these numbers, with the sealed copies that are for this person. Who may see them was decided before.
create function consult_events_v1(p_person bigint, p_feeds bigint[])
returns table (
  feed bigint, received_at timestamptz, person text, group_name text,
  place bigint, id text, device text, envelope text, typ text, name text, signed text, sealed text)
language sql stable as $$
  select m.feed, m.received_at, d.identity_id, g.name, m.place, m.id, d.id, m.envelope, null, null, null, null
    from consult_message m
    join consult_group g on g.id = m.group_id
    join consult_device d on d.id = m.device_id
   where m.feed = any (p_feeds)
   union all
  select s.feed, s.received_at, s.identity_id, g.name, null, null, null, null, s.typ, s.name, s.signed, (
           select json_object_agg(coalesce('person:' || c.identity_id, 'team:' || t.name), c.sealed)::text
             from consult_sealed_copy c
             left join consult_group t on t.id = c.team_id
            where c.statement_id = s.id
              and exists (
                select from consult_identity i
                 where i.person_id = p_person
                   and (c.identity_id = i.id
                        or exists (select from consult_member x
                                    where x.group_id = c.team_id and x.identity_id = i.id))))
    from consult_statement s
    left join consult_group g on g.id = s.group_id
   where s.feed = any (p_feeds)
   order by 1
$$;
