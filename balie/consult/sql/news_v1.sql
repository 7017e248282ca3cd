-- News: what came after a number in the feed, and whom of those who listen it is for. Asked once for a whole process.

-- Who belongs to a group, by themselves or by a team, and since which event.
create function consult_audience_v1(p_group bigint) returns table (person_id bigint, since bigint)
language sql stable as $$
  select i.person_id, min(x.since)
    from (select m.identity_id, m.since from consult_member m
           where m.group_id = p_group and m.identity_id is not null
           union all
          select t.identity_id, greatest(t.since, m.since) from consult_member m
            join consult_member t on t.group_id = m.team_id
           where m.group_id = p_group) x
    join consult_identity i on i.id = x.identity_id
   group by i.person_id
$$;

-- Messages whole, each with the listeners it is for. Of statements only for whom they are: what each gets of them differs.
-- The first row says up to where this is all; it has no event. After a pause in which more than `p_most` numbers were given
-- out it is the only one: whoever listens must ask.
create function consult_news_v1(p_after bigint, p_persons bigint[], p_most bigint)
returns table (
  feed bigint, persons bigint[], received_at timestamptz, person text, group_name text,
  place bigint, id text, device text, envelope text)
language sql stable as $$
  with span as materialized (
    select f.last, case when f.last - p_after > p_most then f.last else p_after end as after from consult_feed f),
  audience as materialized (
    select g.group_id, a.person_id, a.since
      from (select m.group_id from consult_message m where m.feed > (select span.after from span)
             union
            select s.group_id from consult_statement s
             where s.feed > (select span.after from span) and s.group_id is not null) g
     cross join lateral consult_audience_v1(g.group_id) a
     where a.person_id = any (p_persons)),
  stated as materialized (
    select s.feed, s.group_id, s.about, s.identity_id, s.typ from consult_statement s
     where s.feed > (select span.after from span)),
  told as (
    -- acts and keys of a group
    select s.feed, a.person_id from stated s join audience a on a.group_id = s.group_id and a.since <= s.feed
     union
    -- acts about somebody, or about a team with all its people
    select s.feed, i.person_id from stated s join consult_identity i on s.about = 'person:' || i.id
     union
    select s.feed, a.person_id
      from stated s
      join consult_group g on g.kind = 'team' and g.name = substr(s.about, 6) and s.about like 'team:%'
     cross join lateral consult_audience_v1(g.id) a
     union
    -- what people say of themselves
    select s.feed, i.person_id from stated s join consult_identity i on i.id = s.identity_id where s.group_id is null
     union
    select s.feed, a.person_id
      from stated s
      join consult_member m on m.identity_id = s.identity_id
      left join consult_member c on c.team_id = m.group_id
     cross join lateral (
       select x.person_id from consult_audience_v1(m.group_id) x
        union
       select x.person_id from consult_audience_v1(c.group_id) x) a
     where s.group_id is null and consult_is_public_v1(s.typ))
  select span.last, null::bigint[], null::timestamptz, null, null, null::bigint, null, null, null from span
   union all
  (select t.feed, array_agg(t.person_id), null, null, null, null, null, null, null
     from told t where t.person_id = any (p_persons) group by t.feed)
   union all
  (select m.feed, array(select a.person_id from audience a where a.group_id = m.group_id and a.since <= m.feed),
          m.received_at, d.identity_id, g.name, m.place, m.id, d.id, m.envelope
     from consult_message m
     join consult_group g on g.id = m.group_id
     join consult_device d on d.id = m.device_id
    where m.feed > (select span.after from span) order by m.feed)
$$;
