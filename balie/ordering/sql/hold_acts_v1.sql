-- What the organiser does to holds: more time for everybody at once, and a practice that may not order.

-- Moves the end of every hold that has its places by p_span of service time; answers how many. A hold whose end has just
-- passed and that is not swept yet has its places still, so it lives again: nobody else could have had them. Rows are
-- locked in the practices' order and looked at again under the lock: who has ordered or was swept meanwhile is left out,
-- and a click that waits for us is judged by the new end.
create function ordering_extend_holds_v1(p_campaign bigint, p_span interval) returns int
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  rows_at tid[];
  practices bigint[];
  ends timestamptz[];
begin
  select array_agg(l.ctid), array_agg(l.practice_id), array_agg(l.expires_at + p_span) into rows_at, practices, ends
    from (select h.ctid, h.practice_id, h.expires_at from ordering_hold h
           where h.campaign_id = p_campaign and h.state = 'held'
           order by h.practice_id, h.slot for no key update) l;
  if rows_at is null then
    return 0;
  end if;
  update ordering_hold h set expires_at = h.expires_at + p_span, version = h.version + 1 where h.ctid = any(rows_at);
  insert into ordering_hold_log (campaign_id, act, at, service_at, practices, ends)
  values (p_campaign, 'extend', clock_timestamp(), service_now(), practices, ends);
  return cardinality(rows_at);
end $$;

-- From here on the practice can hold and confirm nothing; what it holds is given back. Outcomes: blocked, with the days
-- that were given back; already_blocked; already_ordered: an order that stands is not undone.
create function ordering_block_v1(p_campaign bigint, p_practice bigint, out outcome text, out days date[])
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  hold record;
begin
  insert into ordering_hold
    (campaign_id, practice_id, state, line_product, line_location, line_doses, line_day, version)
  values (p_campaign, p_practice, 'none', '{}', '{}', '{}', '{}', 0)
  on conflict (campaign_id, practice_id, slot) do nothing;
  select h.state, h.blocked, h.line_day into strict hold
    from ordering_hold h where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0 for no key update;
  days := '{}';
  if hold.state = 'ordered' then
    outcome := 'already_ordered';
  elsif hold.blocked then
    outcome := 'already_blocked';
  else
    outcome := 'blocked';
    if hold.state = 'held' then
      days := array(select distinct d from unnest(hold.line_day) d order by d);
      perform ordering_move_holds_v1(p_campaign, array[p_practice], -1);
    end if;
    update ordering_hold h
       set blocked = true, state = 'none', hold_key = null, held_at = null, expires_at = null, held_by = null,
           line_product = '{}', line_location = '{}', line_doses = '{}', line_day = '{}', version = h.version + 1
     where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0;
  end if;
end $$;
