-- Capacity of delivery days: the only place where it is taken and given back.

-- Moves the lines of many requests; the caller has locked the hold rows of their practices. Request i has the lines
-- p_first[i] .. p_last[i], those to give back (doses below zero) before those to take (above zero). Lines without a day
-- all go to the first of the days p_rank_first[i] .. p_rank_last[i] that has room. A request gets everything; or else
-- nothing changes, and it keeps what it would have given back. The earlier request is served first. A range is empty
-- where its last is below its first. Answers per request: did it get everything, on which ranked day, which were full.
create function ordering_move_v1(
  p_campaign bigint, p_first int[], p_last int[], p_day date[], p_location bigint[], p_doses bigint[],
  p_rank_first int[], p_rank_last int[], p_rank_day date[],
  out moved boolean[], out moved_to date[], out full_days jsonb[])
language plpgsql
as $$
declare
  days date[];        -- locked, in date order
  doses bigint[];     -- free on each of them
  addresses int[];    -- free on each of them
  width int;
  uses int[];         -- lines that go to a location on a day: one cell for each pair
  touched int[] := '{}';
  kept int := 0;
  mark int;
  stop record;
  chosen date;
  wanted bigint;
  short date[];
  at int;
  cell int;
  step int;
begin
  -- 1. Lock the days, earliest first.
  select array_agg(d.day), array_agg(d.doses), array_agg(d.addresses) into days, doses, addresses
    from (select day, (doses_limit - doses_taken)::bigint as doses, addresses_limit - addresses_taken as addresses
            from ordering_delivery_day
           where campaign_id = p_campaign and day = any(p_day || p_rank_day)
           order by day for no key update) d;
  width := coalesce(cardinality(days), 0);

  -- 2. In a statement of its own, begun after the locks: an older snapshot misses what others have just committed.
  uses := array_fill(0, array[cardinality(p_location) * width]);
  for stop in
    select s.location_id, s.day, s.uses
      from (select distinct a as location from unnest(p_location) a) u
     cross join lateral (
       select s.location_id, s.day, s.uses from ordering_stop s
        where s.campaign_id = p_campaign and s.location_id = u.location and s.uses > 0 offset 0) s
  loop
    at := array_position(days, stop.day);
    if at is not null then
      uses[(array_position(p_location, stop.location_id) - 1) * width + at] := stop.uses;
    end if;
  end loop;

  -- 3. One request after the other, in local arrays.
  for i in 1 .. cardinality(p_first) loop
    moved[i] := false;
    moved_to[i] := null;
    full_days[i] := null;
    mark := kept;
    wanted := null;
    if p_rank_first[i] <= p_rank_last[i] then
      wanted := (select sum(d) from unnest(p_doses[p_first[i]:p_last[i]]) d);
    end if;
    for choice in p_rank_first[i] .. greatest(p_rank_first[i], p_rank_last[i]) loop
      if wanted is not null then
        chosen := p_rank_day[choice];
        -- Most days of a long ranking are full: pass at once over those that lack the doses, all own ones given back.
        continue when coalesce(doses[array_position(days, chosen)], -1) < wanted;
      end if;
      short := '{}';
      for direction in reverse 1 .. -1 by 2 loop  -- do it; where something is short, undo it
        exit when direction = -1 and short = '{}';
        for j in p_first[i] .. p_last[i] loop
          at := array_position(days, coalesce(p_day[j], chosen));
          if at is null then  -- the day does not exist
            short := case when p_doses[j] > 0 then short || coalesce(p_day[j], chosen) else short end;
            continue;
          end if;
          cell := (array_position(p_location, p_location[j]) - 1) * width + at;
          step := direction * sign(p_doses[j]);
          doses[at] := doses[at] - direction * p_doses[j];
          if least(uses[cell], uses[cell] + step) = 0 then  -- the lorry begins or ceases to stop there
            addresses[at] := addresses[at] - step;
          end if;
          uses[cell] := uses[cell] + step;
          if direction = 1 and (doses[at] < 0 or addresses[at] < 0) then
            short := short || days[at];
          end if;
          kept := kept + 1;
          touched[kept] := cell;
        end loop;
      end loop;
      moved[i] := short = '{}';
      exit when moved[i];
      kept := mark;
    end loop;
    if moved[i] then
      moved_to[i] := case when wanted is not null then chosen end;
    elsif wanted is not null then
      full_days[i] := to_jsonb(array_remove(p_rank_day[p_rank_first[i]:p_rank_last[i]], null));
    else
      full_days[i] := to_jsonb(array(select distinct unnest(short) order by 1));
    end if;
  end loop;

  -- 4. Write each day and each stop once, absolute: a CHECK would judge a negative difference before adding it.
  update ordering_delivery_day d
     set doses_taken = d.doses_limit - u.doses, addresses_taken = d.addresses_limit - u.addresses
    from unnest(days, doses, addresses) u(day, doses, addresses)
   where d.campaign_id = p_campaign and d.day = u.day
     and (d.doses_taken <> d.doses_limit - u.doses or d.addresses_taken <> d.addresses_limit - u.addresses);
  insert into ordering_stop (campaign_id, location_id, day, uses)
  select p_campaign, p_location[(t.cell - 1) / width + 1], days[(t.cell - 1) % width + 1], uses[t.cell]
    from (select distinct unnest(touched[:kept]) as cell) t
  on conflict (campaign_id, location_id, day) do update set uses = excluded.uses;
end $$;

-- Takes (p_sign 1) or gives back (-1) the lines that the practices' hold rows carry, those of their first orders unless
-- p_slots says of which; the caller has locked those rows. Answers per practice whether that worked. Giving back always does.
create function ordering_move_holds_v1(
  p_campaign bigint, p_practices bigint[], p_sign int, p_slots smallint[] default null)
returns boolean[] language plpgsql
as $$
declare
  line_first int[] := '{}';
  line_last int[] := '{}';
  line_day date[] := '{}';
  line_location bigint[] := '{}';
  line_doses bigint[] := '{}';
  hold record;
begin
  for hold in
    select h.line_day, h.line_location, array(select p_sign * d from unnest(h.line_doses) d)::bigint[] as line_doses
      from unnest(p_practices, p_slots) with ordinality u(practice, slot, place)
     cross join lateral (
       select x.line_day, x.line_location, x.line_doses from ordering_hold x
        where x.campaign_id = p_campaign and x.practice_id = u.practice and x.slot = coalesce(u.slot, 0) offset 0) h
     order by u.place
  loop
    line_first := line_first || (cardinality(line_day) + 1);
    line_day := line_day || hold.line_day;
    line_location := line_location || hold.line_location;
    line_doses := line_doses || hold.line_doses;
    line_last := line_last || cardinality(line_day);
  end loop;
  return (select m.moved from ordering_move_v1(
    p_campaign, line_first, line_last, line_day, line_location, line_doses,
    array_fill(1, array[cardinality(line_first)]), array_fill(0, array[cardinality(line_first)]), '{}') m);
end $$;
