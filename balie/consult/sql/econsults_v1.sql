-- E-consults: when their conversations close, who waits, and messages that come after the last moment.

-- Whether a conversation takes messages at this moment: five minutes after its e-consult was closed it takes none.
create function consult_accepts_v1(p_group bigint, p_at timestamptz) returns boolean
language sql stable as $$
  select not exists (
    select from consult_econsult e where e.group_id = p_group and e.closed_at + interval '5 minutes' <= p_at)
$$;

-- As consult_store_batch_v1, with one outcome more, for what was not stored before:
--   econsult_closed  it came too long after the e-consult of this conversation was closed
create function consult_store_batch_v2(
  p_groups text[], p_persons bigint[], p_devices text[], p_ids text[], p_keys text[], p_envelopes text[])
returns table (at bigint, outcome text, place bigint, received_at timestamptz)
language plpgsql as $$
declare
  reached bigint;
begin
  -- 1. The conversations' rows, in their order. Who belongs, which keys count and what is closed changes only under the
  -- same lock.
  perform from (
    select g.id from consult_group g where g.name = any (p_groups) and g.kind = 'conversation'
     order by g.id for no key update) l;

  -- 2. The feed's row comes last and stays locked until the commit. It may count on; there may be gaps in it.
  update consult_feed f set last = f.last + cardinality(p_ids) returning f.last - cardinality(p_ids) into reached;

  -- 3. In a statement of its own: what was committed while we waited for a lock is seen here.
  return query
  with asked as materialized (
    select u.at, g.id as group_id, g.last, d.id as device_id, u.id, u.envelope, m.place, m.received_at,
           case when g.id is null or not consult_belongs_v1(g.id, u.person) then 'not_found'
                when d.id is null then 'no_device'
                when m.feed is not null then case when m.device_id = d.id then 'stored' else 'taken' end
                when not consult_accepts_v1(g.id, clock_timestamp()) then 'econsult_closed'
                when k.id is null then 'key_retired' end as outcome
      from unnest(p_groups, p_persons, p_devices, p_ids, p_keys, p_envelopes)
             with ordinality u(group_name, person, device, id, key, envelope, at)
      left join consult_group g on g.name = u.group_name and g.kind = 'conversation'
      left join lateral (
        select v.id from consult_device v join consult_identity i on i.id = v.identity_id
         where v.id = u.device and i.person_id = u.person and v.revoked_at is null) d on true
      left join consult_message m on m.group_id = g.id and m.id = u.id
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
  select a.at, coalesce(a.outcome, 'stored'), coalesce(s.place, a.place), coalesce(s.received_at, a.received_at)
    from asked a left join stored s on s.at = a.at
   order by a.at;
end $$;

-- The switch that keeps patients of a practice from sending an e-consult, or null.
create function consult_econsult_closed_v1(p_practice bigint) returns bigint
language sql stable as $$
  select coalesce(practices_function_closed_v1('econsult', p_practice, null),
                  practices_function_closed_v1('conversations', p_practice, null))
$$;

-- Whom a practice phones when its e-consults are closed: patients whose e-consult nobody has. Called by
-- practices_switch_settle_v1.
create function calls_econsult_v1(p_practice bigint, p_campaign bigint)
returns table (practice bigint, name text, phone text, why text, since timestamptz)
language sql stable as $$
  select e.practice_id, p.name, '', 'unread', min(e.arrived_at)
    from consult_econsult e
    join consult_identity i on i.id = e.patient_id
    join practices_person p on p.id = i.person_id
   where e.holder_id is null and e.closed_at is null and (p_practice is null or e.practice_id = p_practice)
   group by e.practice_id, p.id, p.name
   order by min(e.arrived_at)
$$;
