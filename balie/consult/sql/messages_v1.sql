-- Messages: taking them in from those who belong.

-- Many messages at once, of any conversations. One row per message, in the order asked. Outcomes:
--   stored       it has its place; so too when its author sends it again
--   not_found    no such conversation, or not for this person (absent and forbidden look alike)
--   no_device    this person has no such device, or it was revoked
--   key_retired  not under a key of the conversation that still counts: the author seals it again, with the same id
--   taken        somebody else's message has this id
-- and, for what was not stored before,
--   econsult_closed  it came too long after the e-consult of this conversation was closed
--   function_closed  a patient writes where those who treat them have closed; `closed` is the switch
-- What it asks of e-consults and of closings comes with later files.
create function consult_store_batch_v1(
  p_groups text[], p_persons bigint[], p_devices text[], p_ids text[], p_keys text[], p_envelopes text[])
returns table (at bigint, outcome text, place bigint, received_at timestamptz, closed bigint)
language plpgsql as $$
declare
  reached bigint;
  closings boolean;
begin
  -- 1. The conversations' rows, in their order. Who belongs, which keys count and which e-consults are closed changes only
  -- under the same lock.
  perform from (
    select g.id from consult_group g where g.name = any (p_groups) and g.kind = 'conversation'
     order by g.id for no key update) l;

  -- 2. The feed's row comes last and stays locked until the commit. It may count on; there may be gaps in it.
  update consult_feed f set last = f.last + cardinality(p_ids) returning f.last - cardinality(p_ids) into reached;

  -- 3. In statements of their own: what was committed while we waited for a lock is seen here. On most days nothing is
  -- closed for anybody, and then nobody is looked up.
  closings := exists (select from practices_switch s where s.function = 'conversations' and s.closed);
  return query
  with asked as materialized (
    select u.at, g.id as group_id, g.last, d.id as device_id, u.id, u.envelope, m.place, m.received_at, c.closed,
           case when g.id is null or not consult_belongs_v1(g.id, u.person) then 'not_found'
                when d.id is null then 'no_device'
                when m.feed is not null then case when m.device_id = d.id then 'stored' else 'taken' end
                when not consult_accepts_v1(g.id, clock_timestamp()) then 'econsult_closed'
                when c.closed is not null then 'function_closed'
                when k.id is null then 'key_retired' end as outcome
      from unnest(p_groups, p_persons, p_devices, p_ids, p_keys, p_envelopes)
             with ordinality u(group_name, person, device, id, key, envelope, at)
      left join consult_group g on g.name = u.group_name and g.kind = 'conversation'
      left join lateral (
        select v.id from consult_device v join consult_identity i on i.id = v.identity_id
         where v.id = u.device and i.person_id = u.person and v.revoked_at is null) d on true
      left join consult_message m on m.group_id = g.id and m.id = u.id
      left join lateral (
        select consult_closed_for_v1(u.person, u.group_name) as closed where closings) c on true
      left join consult_group_key k on k.group_id = g.id and k.name = u.key and k.retired_at is null),
  stored as (
    insert into consult_message (feed, group_id, place, id, device_id, envelope, received_at)
    select reached + a.at, a.group_id, a.last + row_number() over (partition by a.group_id order by a.at),
           a.id, a.device_id, a.envelope, clock_timestamp()
      from asked a where a.outcome is null
    returning consult_message.feed - reached as at, consult_message.group_id, consult_message.place,
              consult_message.received_at),
  counted as (
    update consult_group g set last = n.last
      from (select s.group_id, max(s.place) as last from stored s group by s.group_id) n
     where g.id = n.group_id)
  select a.at, coalesce(a.outcome, 'stored'), coalesce(s.place, a.place), coalesce(s.received_at, a.received_at),
         case when a.outcome = 'function_closed' then a.closed end
    from asked a left join stored s on s.at = a.at
   order by a.at;
end $$;

-- Whether somebody belongs to a conversation: by themselves, or by a team.
create function consult_belongs_v1(p_group bigint, p_person bigint) returns boolean
language sql stable as $$
  select exists (
    select from consult_identity i
      join consult_member m on m.group_id = p_group
       and (m.identity_id = i.id
            or exists (select from consult_member t where t.group_id = m.team_id and t.identity_id = i.id))
     where i.person_id = p_person)
$$;
