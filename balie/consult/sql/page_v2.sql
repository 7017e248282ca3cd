-- The feed of a person, at a cost that follows what came, not how much they belong to.

-- Since which event somebody belongs to a group, by themselves or by a team; null when they do not.
create function consult_since_v1(p_group bigint, p_identity text) returns bigint
language sql stable as $$
  select min(x.since) from (
    select m.since from consult_member m where m.group_id = p_group and m.identity_id = p_identity
     union all
    select greatest(m.since, t.since) from consult_member t
      join consult_member m on m.team_id = t.group_id and m.group_id = p_group
     where t.identity_id = p_identity) x
$$;

-- Whether two people belong to a group together, each by themselves or by a team.
create function consult_meet_v1(p_one text, p_other text) returns boolean
language sql stable as $$
  select exists (
    select from consult_member m
      left join consult_member c on c.team_id = m.group_id
     cross join lateral (values (m.group_id), (c.group_id)) g(id)
     where m.identity_id = p_other and consult_since_v1(g.id, p_one) is not null)
$$;

-- The first `p_most` events for a person after `p_after`, and up to where the feed had come. Who is nearly up to date is
-- looked for in the `p_near` last numbers; who is not, in all they belong to (consult_page_v1).
create function consult_page_v2(p_person bigint, p_after bigint, p_most int, p_near bigint)
returns table (reached bigint, feeds bigint[])
language plpgsql stable as $$
declare
  me text := (select i.id from consult_identity i where i.person_id = p_person);
  upto bigint := (select f.last from consult_feed f);
begin
  if upto - p_after > p_near then
    return query select v.reached, v.feeds from consult_page_v1(p_person, p_after, p_most) v;
    return;
  end if;
  return query
  with messages as materialized (
    select m.feed, m.group_id from consult_message m where m.feed > p_after and m.feed <= upto),
  statements as materialized (
    select s.feed, s.group_id, s.about, s.identity_id, s.typ
      from consult_statement s where s.feed > p_after and s.feed <= upto),
  mine as materialized (
    select g.id, consult_since_v1(g.id, me) as since
      from (select m.group_id from messages m union select s.group_id from statements s) g(id)),
  found as (
    select m.feed from messages m join mine on mine.id = m.group_id where m.feed >= mine.since
     union
    select s.feed from statements s left join mine on mine.id = s.group_id
     where s.feed >= mine.since
        or s.about = 'person:' || me
        or s.about like 'team:%' and exists (
             select from consult_member t join consult_group g on g.id = t.group_id
              where t.identity_id = me and g.name = substr(s.about, 6) and g.kind = 'team')
        or s.group_id is null and s.identity_id = me
        or s.group_id is null and consult_is_public_v1(s.typ) and consult_meet_v1(me, s.identity_id))
  select upto, array(select found.feed from found order by found.feed limit p_most);
end $$;
