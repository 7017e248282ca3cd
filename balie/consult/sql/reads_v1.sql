-- What has reached whom, and what they have read, by places in conversations. It only grows.

-- How far everybody is who belongs to these conversations, and whom of those who listen it is for.
create function consult_readings_v1(p_groups bigint[], p_persons bigint[])
returns table (group_name text, persons bigint[], person text, delivered bigint, read bigint, read_at timestamptz)
language sql stable as $$
  with audience as materialized (
    select u.group_id, a.person_id from unnest(p_groups) u(group_id) cross join lateral consult_audience_v1(u.group_id) a)
  select g.name, array(select a.person_id from audience a where a.group_id = g.id and a.person_id = any (p_persons)),
         i.id, r.delivered, r.read, r.read_at
    from audience a
    join consult_group g on g.id = a.group_id
    join consult_identity i on i.person_id = a.person_id
    join consult_reading r on r.group_id = a.group_id and r.identity_id = i.id
   order by g.name collate "C", i.id collate "C"
$$;

-- What somebody belongs to now, up to where the feed had come, and how far they have read.
create function consult_groups_v2(p_person bigint)
returns table (reached bigint, group_name text, kind text, since bigint, last bigint, place bigint, read bigint)
language sql stable as $$
  select f.last, g.name, g.kind, m.since,
         greatest((select max(x.feed) from consult_message x where x.group_id = g.id),
                  (select max(x.feed) from consult_statement x where x.group_id = g.id)),
         g.last, coalesce(r.read, 0)
    from consult_feed f
    left join consult_mine_v1(p_person) m on true
    left join consult_group g on g.id = m.group_id
    left join consult_identity i on i.person_id = p_person
    left join consult_reading r on r.group_id = g.id and r.identity_id = i.id
   order by m.since, g.name collate "C"
$$;
