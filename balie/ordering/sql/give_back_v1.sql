-- Giving capacity back: when a practice lets go of its hold, and when its time has passed.

-- Releases the holds with these keys. Outcomes: released, also for a hold that lapsed or was replaced; already_ordered,
-- with the number. One answer per request, in the order asked. The hold is that of p_slots[i], of the first order where
-- they are left out.
create function ordering_release_batch_v1(
  p_campaign bigint, p_practices bigint[], p_keys uuid[], p_slots smallint[] default null)
returns table (outcome text, number text)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
  slots constant smallint[] := coalesce(p_slots, array_fill(0::smallint, array[cardinality(p_practices)]));
  hold record;
  released tid[] := '{}';
  practices bigint[] := '{}';
  holding bigint[] := '{}';
  holding_slots smallint[] := '{}';
begin
  for hold in
    select l.ctid as row_at, l.practice_id, l.slot, l.state, l.hold_key
      from (select distinct x.practice, x.slot
              from unnest(p_practices, slots) x(practice, slot) order by x.practice, x.slot) u
     cross join lateral (
       select h.ctid, h.practice_id, h.slot, h.state, h.hold_key
         from ordering_hold h
        where h.campaign_id = p_campaign and h.practice_id = u.practice and h.slot = u.slot for no key update of h) l
  loop
    if hold.state in ('held', 'lapsed') and exists (
         select from unnest(p_practices, p_keys) u(practice, key)
          where u.practice = hold.practice_id and u.key = hold.hold_key) then
      released := released || hold.row_at;
      practices := practices || hold.practice_id;
      if hold.state = 'held' then
        holding := holding || hold.practice_id;
        holding_slots := holding_slots || hold.slot;
      end if;
    end if;
  end loop;
  perform ordering_move_holds_v1(p_campaign, holding, -1, holding_slots);
  update ordering_hold h
     set state = 'none', hold_key = null, held_at = null, expires_at = null, held_by = null,
         line_product = '{}', line_location = '{}', line_doses = '{}', line_day = '{}', version = h.version + 1
   where h.ctid = any(released);
  if practices <> '{}' then
    insert into ordering_hold_log (campaign_id, act, at, service_at, practices)
    values (p_campaign, 'release', clock_timestamp(), service_now(), practices);
  end if;

  return query
    select case when o.number is null then 'released' else 'already_ordered' end, o.number
      from unnest(p_practices, slots) with ordinality u(practice, slot, place)
      left join lateral (
        select x.number from ordering_order x
         where x.campaign_id = p_campaign and x.practice_id = u.practice and x.slot = u.slot offset 0) o on true
     order by u.place;
end $$;

-- Gives back at most p_limit holds whose end passed more than p_grace ago, in all campaigns; answers how many. A hold
-- that somebody works on at this moment is left to the next sweep. The lines stay, so that a click that was in time and
-- is late to be processed can take them again; the grace exceeds the deadline of a request to make that rare.
create function ordering_sweep_v1(p_grace interval, p_limit int) returns int
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  ended constant timestamptz := service_now() - p_grace;
  campaign bigint;
  due bigint[];
  slots smallint[];
  rows_at tid[];
  ends timestamptz[];
  swept int := 0;
begin
  for campaign in
    select distinct h.campaign_id from ordering_hold h where h.state = 'held' and h.expires_at < ended order by 1
  loop
    select coalesce(array_agg(l.practice_id), '{}'), array_agg(l.slot), coalesce(array_agg(l.ctid), '{}'),
           array_agg(l.expires_at)
      into due, slots, rows_at, ends
      from (select h.practice_id, h.slot, h.ctid, h.expires_at from ordering_hold h
             where h.campaign_id = campaign and h.state = 'held' and h.expires_at < ended
             order by h.practice_id, h.slot limit p_limit - swept for no key update skip locked) l;
    perform ordering_move_holds_v1(campaign, due, -1, slots);
    update ordering_hold h set state = 'lapsed', version = h.version + 1 where h.ctid = any(rows_at);
    if due <> '{}' then
      insert into ordering_hold_log (campaign_id, act, at, service_at, practices, ends)
      values (campaign, 'lapse', clock_timestamp(), ended + p_grace, due, ends);
    end if;
    swept := swept + cardinality(due);
  end loop;
  return swept;
end $$;
