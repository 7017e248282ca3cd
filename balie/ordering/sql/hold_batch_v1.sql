-- Holding: many requests that arrived together, each of another practice, settled in one transaction.

-- Request i has the next p_lines[i] of the lines and the next p_ranked[i] of the wishes, and reached us
-- p_elapsed_ms[i] ago. One answer per request, in the order asked, with an outcome of docs/spec/live.md and what it
-- needs; the lines are there when held. Never raises for a business outcome.
--
-- Request i is about the order of its practice in p_slots[i], the first one where they are left out. Of the others the
-- first order's row is locked too: who changes any order of a practice has it.
--
-- The tables are empty when the night's plans are made: a join by key is then planned as a scan of the whole campaign.
-- So here, as in all these functions, rows are found by a lateral subquery each and written where they stand (ctid).
create function ordering_hold_batch_v1(
  p_campaign bigint, p_practices bigint[], p_keys uuid[], p_actors bigint[], p_elapsed_ms int[],
  p_lines int[], p_product bigint[], p_location bigint[], p_doses bigint[], p_day date[],
  p_ranked int[], p_rank_day date[], p_slots smallint[] default null)
returns table (
  outcome text, hold_key uuid, expires_at timestamptz, now timestamptz,
  line_product bigint[], line_location bigint[], line_doses int[], line_day date[], detail jsonb)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
  asked constant int := cardinality(p_practices);
  slots constant smallint[] := coalesce(p_slots, array_fill(0::smallint, array[asked]));
  wall constant timestamptz := clock_timestamp();
  received timestamptz;
  campaign record;
  first int[] := array_fill(1, array[asked]);
  last int[] := array_fill(0, array[asked]);
  rank_first int[] := first;
  rank_last int[] := last;
  errors jsonb[];
  numbers int[];      -- in the waiting room: 0 before the draw, null without a ticket
  answers text[] := array_fill(null::text, array[asked]);  -- null: may be tried
  ends timestamptz[] := array_fill(null::timestamptz, array[asked]);  -- of the window, where something is tried
  rows_at tid[] := array_fill(null::tid, array[asked]);  -- where its locked row stands
  hold record;
  i int;
  n int := 0;
  move_first int[] := first;
  move_last int[] := last;
  move_day date[] := '{}';
  move_location bigint[] := '{}';
  move_doses bigint[] := '{}';
  result record;
begin
  if (select count(distinct p) from unnest(p_practices) p) < asked then
    raise exception 'a practice may be in a batch once' using errcode = 'cardinality_violation';
  end if;
  select c.opens_at, c.closes_at, make_interval(secs => c.window_s) as span, c.room_id, r.called, c.early_until,
         c.early_opens_at, c.reorders_open_at
    into strict campaign
    from ordering_campaign c join waitingroom_room r on r.id = c.room_id where c.id = p_campaign;

  -- 1. What needs no lock.
  for i in 1 .. asked loop
    first[i] := case i when 1 then 1 else last[i - 1] + 1 end;
    last[i] := first[i] + p_lines[i] - 1;
    rank_first[i] := case i when 1 then 1 else rank_last[i - 1] + 1 end;
    rank_last[i] := rank_first[i] + p_ranked[i] - 1;
    if campaign.early_until is not null then  -- wishes for days that are for other orders are passed over
      for j in rank_first[i] .. rank_last[i] loop
        if (p_rank_day[j] <= campaign.early_until) <> (slots[i] = 1) then
          p_rank_day[j] := null;
        end if;
      end loop;
    end if;
  end loop;
  errors := ordering_check_lines_v1(
    p_campaign, p_practices, first, last, p_product, p_location, p_doses, p_day, rank_first, rank_last, p_rank_day,
    slots);
  numbers := array(
    select (select coalesce(t.number, 0) from waitingroom_ticket t
             where t.room_id = campaign.room_id and t.holder = u.practice)
      from unnest(p_practices) u(practice));
  for i in 1 .. asked loop
    if p_day[first[i]] is not null then
      rank_last[i] := rank_first[i] - 1;  -- lines that say their day go there and nowhere else
    end if;
    received := wall - greatest(p_elapsed_ms[i], 0) * interval '1 millisecond';
    answers[i] := coalesce(
      case
        when slots[i] > 0 then ordering_slot_refusal_v1(p_campaign, p_practices[i], slots[i], received)
        when received < campaign.opens_at then 'not_open'
        when received >= campaign.closes_at then 'closed'
        when numbers[i] is null then 'no_ticket'
        when numbers[i] = 0 or numbers[i] > campaign.called then 'not_called' end,
      case when errors[i] is not null then 'bad_lines' end);
  end loop;

  -- 2. The practices' rows, in their order. From its first request on a practice has one: it is the practice's lock.
  insert into ordering_hold
    (campaign_id, practice_id, slot, state, line_product, line_location, line_doses, line_day, version)
  select p_campaign, u.practice, u.slot, 'none', '{}', '{}', '{}', '{}', 0
    from unnest(p_practices, slots, answers) u(practice, slot, refused) where u.refused is null order by u.practice
  on conflict (campaign_id, practice_id, slot) do nothing;
  now := service_now();  -- the table is ours to write in by now, so the clock no longer catches up (clock_catch_up)
  for hold in
    select l.ctid as row_at, l.practice_id, l.slot, l.state, l.hold_key, l.blocked, l.expires_at, l.line_location,
           l.line_doses, l.line_day
      from (select x.practice, x.slot
              from (select practice, slot from unnest(p_practices, slots) a(practice, slot)
                    union all
                    select practice, 0 from unnest(p_practices, slots) b(practice, slot) where slot > 0) x
             order by x.practice, x.slot) u
     cross join lateral (
       select h.ctid, h.practice_id, h.slot, h.state, h.hold_key, h.blocked, h.expires_at, h.line_location,
              h.line_doses, h.line_day
         from ordering_hold h
        where h.campaign_id = p_campaign and h.practice_id = u.practice and h.slot = u.slot for no key update of h) l
  loop
    i := array_position(p_practices, hold.practice_id);
    continue when hold.slot <> slots[i];
    if slots[i] > 0 and answers[i] is null then  -- once more, now that nobody changes the other orders
      errors[i] := (ordering_check_lines_v1(
        p_campaign, p_practices[i:i], first[i:i], last[i:i], p_product, p_location, p_doses, p_day,
        rank_first[i:i], rank_last[i:i], p_rank_day, slots[i:i]))[1];
      answers[i] := coalesce(
        ordering_slot_refusal_v1(
          p_campaign, p_practices[i], slots[i], wall - greatest(p_elapsed_ms[i], 0) * interval '1 millisecond'),
        case when errors[i] is not null then 'bad_lines' end);
    end if;
    if hold.state = 'ordered' then
      answers[i] := 'already_ordered';
    elsif hold.blocked then
      answers[i] := 'blocked';
    elsif hold.hold_key = p_keys[i] then
      answers[i] := 'held';  -- repeated: the answer that it got before, even if its end has passed since
    elsif answers[i] is null then
      rows_at[i] := hold.row_at;
      ends[i] := case when hold.state = 'held' and hold.expires_at > now then hold.expires_at
                      else now + campaign.span end;
      move_first[i] := n + 1;
      if hold.state = 'held' then
        for j in 1 .. cardinality(hold.line_day) loop
          n := n + 1;
          move_day[n] := hold.line_day[j];
          move_location[n] := hold.line_location[j];
          move_doses[n] := -hold.line_doses[j];
        end loop;
      end if;
      for j in first[i] .. last[i] loop
        n := n + 1;
        move_day[n] := p_day[j];
        move_location[n] := p_location[j];
        move_doses[n] := p_doses[j];
      end loop;
      move_last[i] := n;
    end if;
  end loop;

  -- 3. The days, and what each practice holds from now on.
  select m.moved, m.moved_to, m.full_days into result from ordering_move_v1(
    p_campaign, move_first, move_last, move_day, move_location, move_doses, rank_first, rank_last, p_rank_day) m;
  for i in 1 .. asked loop
    answers[i] := coalesce(answers[i], case when result.moved[i] then 'held' else 'full' end);
  end loop;
  update ordering_hold h
     set state = 'held', hold_key = u.key, held_by = u.actor, expires_at = u.expires_at,
         held_at = now - greatest(u.elapsed_ms, 0) * interval '1 millisecond',
         line_product = p_product[u.first:u.last], line_location = p_location[u.first:u.last],
         line_doses = p_doses[u.first:u.last],
         line_day = case when u.day is null then p_day[u.first:u.last]
                         else array_fill(u.day, array[u.last - u.first + 1]) end,
         version = h.version + 1
    from unnest(rows_at, p_keys, p_actors, p_elapsed_ms, ends, first, last, answers, result.moved_to)
      u(row_at, key, actor, elapsed_ms, expires_at, first, last, answer, day)
   where u.answer = 'held' and h.ctid = u.row_at;

  -- 4. What each practice heard, for whoever asks later.
  insert into ordering_hold_log
    (campaign_id, act, at, service_at, practices, keys, actors, elapsed_ms, outcomes, ends, details)
  values (
    p_campaign, 'hold', wall, now, p_practices, p_keys, p_actors, p_elapsed_ms, answers, ends,
    array(select case
                   when u.answer = 'held' and u.row_at is not null
                     then to_jsonb(case when u.day is null then p_day[u.first:u.last] else array[u.day] end)
                   when u.answer = 'full' then u.full_days
                   when u.answer = 'bad_lines' then u.errors end
            from unnest(answers, rows_at, result.moved_to, first, last, result.full_days, errors)
              u(answer, row_at, day, first, last, full_days, errors)));

  return query
    select u.answer, h.hold_key, h.expires_at, now, h.line_product, h.line_location, h.line_doses, h.line_day,
           case u.answer
             when 'full' then jsonb_build_object('days', u.full_days)
             when 'bad_lines' then jsonb_build_object('errors', u.errors)
             when 'not_called' then jsonb_build_object('number', nullif(u.number, 0), 'called', campaign.called)
             when 'not_open' then jsonb_build_object('opens_at', case u.slot
               when 0 then campaign.opens_at when 1 then campaign.early_opens_at else campaign.reorders_open_at end)
             when 'already_ordered' then jsonb_build_object('number', (
               select o.number from ordering_order o
                where o.campaign_id = p_campaign and o.practice_id = u.practice and o.slot = u.slot))
           end
      from unnest(p_practices, slots, answers, numbers, errors, result.full_days) with ordinality
             u(practice, slot, answer, number, errors, full_days, place)
      left join lateral (
        select x.hold_key, x.expires_at, x.line_product, x.line_location, x.line_doses, x.line_day
          from ordering_hold x
         where x.campaign_id = p_campaign and x.practice_id = u.practice and x.slot = u.slot and u.answer = 'held'
        offset 0) h on true
     order by u.place;
end $$;
