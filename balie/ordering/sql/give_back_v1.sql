-- Giving capacity back: when a practice lets go of its hold, and when its time has passed.

-- Releases the holds with these keys. Outcomes: released, also for a hold that lapsed or was replaced; already_ordered,
-- with the number. One answer per request, in the order asked.
create function ordering_release_batch_v1(p_campaign bigint, p_practices bigint[], p_keys uuid[])
returns table (outcome text, number text)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
  hold record;
  released tid[] := '{}';
  practices bigint[] := '{}';
  holding bigint[] := '{}';
begin
  for hold in
    select l.ctid as row_at, l.practice_id, l.state, l.hold_key
      from (select distinct p as practice from unnest(p_practices) p order by p) u
     cross join lateral (
       select h.ctid, h.practice_id, h.state, h.hold_key
         from ordering_hold h where h.campaign_id = p_campaign and h.practice_id = u.practice for no key update) l
  loop
    if hold.state in ('held', 'lapsed') and exists (
         select from unnest(p_practices, p_keys) u(practice, key)
          where u.practice = hold.practice_id and u.key = hold.hold_key) then
      released := released || hold.row_at;
      practices := practices || hold.practice_id;
      if hold.state = 'held' then
        holding := holding || hold.practice_id;
      end if;
    end if;
  end loop;
  perform ordering_move_holds_v1(p_campaign, holding, -1);
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
      from unnest(p_practices) with ordinality u(practice, place)
      left join lateral (
        select x.number from ordering_order x
         where x.campaign_id = p_campaign and x.practice_id = u.practice offset 0) o on true
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
  rows_at tid[];
  ends timestamptz[];
  swept int := 0;
begin
  for campaign in
    select distinct h.campaign_id from ordering_hold h where h.state = 'held' and h.expires_at < ended order by 1
  loop
    select coalesce(array_agg(l.practice_id), '{}'), coalesce(array_agg(l.ctid), '{}'), array_agg(l.expires_at)
      into due, rows_at, ends
      from (select h.practice_id, h.ctid, h.expires_at from ordering_hold h
             where h.campaign_id = campaign and h.state = 'held' and h.expires_at < ended
             order by h.practice_id limit p_limit - swept for no key update skip locked) l;
    perform ordering_move_holds_v1(campaign, due, -1);
    update ordering_hold h set state = 'lapsed', version = h.version + 1 where h.ctid = any(rows_at);
    if due <> '{}' then
      insert into ordering_hold_log (campaign_id, act, at, service_at, practices, ends)
      values (campaign, 'lapse', clock_timestamp(), ended + p_grace, due, ends);
    end if;
    swept := swept + cardinality(due);
  end loop;
  return swept;
end $$;
