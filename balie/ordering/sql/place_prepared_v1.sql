-- "Bestel voor mij": Balie places what practices put ready, through the same holding and confirming as everybody's.

-- Chooses a day for each of the lines of many requests, by their wishes p_rank_first[i] .. p_rank_last[i], best first.
-- All lines of request i, p_first[i] .. p_last[i], go to the first wished day that has room for all of them. Where
-- there is none and p_parts[i] says so, the lines of each address go to a first day of their own, largest address
-- first; and where that fails too, each line of that address does. Every line of a request gets a day, or none does.
-- An earlier request is served first. p_doses_free and p_addresses_free are what is left of p_days, which the caller
-- has locked, as it has the hold rows.
create function ordering_choose_days_v1(
  p_campaign bigint, p_first int[], p_last int[], p_location bigint[], p_doses bigint[], p_parts boolean[],
  p_rank_first int[], p_rank_last int[], p_rank_day date[],
  p_days date[], p_doses_free bigint[], p_addresses_free int[])
returns date[] language plpgsql
as $$
declare
  chosen date[] := array_fill(null::date, array[cardinality(p_doses)]);
  doses bigint[] := p_doses_free;
  addresses int[] := p_addresses_free;
  width constant int := cardinality(p_days);
  uses int[] := array_fill(0, array[cardinality(p_location) * cardinality(p_days)]);  -- as in ordering_move_v1
  stop record;
  doses_before bigint[];
  addresses_before int[];
  uses_before int[];
  ordered int[];  -- the request's lines, those of an address together
  froms int[];    -- the parts that still need a day: ordered[froms[n]] .. ordered[tos[n]]
  tos int[];
  cuts int[];
  part int[];
  wanted bigint;
  stops int;      -- at which the lorry would not stop otherwise
  wish date;
  at int;
  cell int;
begin
  for stop in
    select s.location_id, s.day, s.uses
      from (select distinct a as location from unnest(p_location) a) u
     cross join lateral (
       select s.location_id, s.day, s.uses from ordering_stop s
        where s.campaign_id = p_campaign and s.location_id = u.location and s.uses > 0 offset 0) s
  loop
    at := array_position(p_days, stop.day);
    if at is not null then
      uses[(array_position(p_location, stop.location_id) - 1) * width + at] := stop.uses;
    end if;
  end loop;

  for i in 1 .. cardinality(p_first) loop
    doses_before := doses;
    addresses_before := addresses;
    uses_before := uses;
    ordered := array(
      select j from generate_series(p_first[i], p_last[i]) j
       order by sum(p_doses[j]) over (partition by p_location[j]) desc, p_location[j], p_doses[j] desc, j);
    froms := case when ordered = '{}' then '{}' else array[1] end;
    tos := case when ordered = '{}' then '{}' else array[cardinality(ordered)] end;
    while froms <> '{}' loop
      part := ordered[froms[1]:tos[1]];
      wanted := (select sum(p_doses[j]) from unnest(part) j);
      at := null;
      foreach wish in array p_rank_day[p_rank_first[i]:p_rank_last[i]] loop
        at := array_position(p_days, wish);
        if doses[at] >= wanted then
          stops := (select count(distinct p_location[j]) from unnest(part) j
                     where uses[(array_position(p_location, p_location[j]) - 1) * width + at] = 0);
          exit when addresses[at] >= stops;
        end if;
        at := null;
      end loop;
      if at is not null then
        doses[at] := doses[at] - wanted;
        addresses[at] := addresses[at] - stops;
        for n in 1 .. cardinality(part) loop
          cell := (array_position(p_location, p_location[part[n]]) - 1) * width + at;
          uses[cell] := uses[cell] + 1;
          chosen[part[n]] := p_days[at];
        end loop;
        froms := froms[2:];
        tos := tos[2:];
      elsif p_parts[i] and froms[1] < tos[1] then
        cuts := array(
          select k from generate_series(froms[1], tos[1]) k
           where k = froms[1] or p_location[ordered[k]] <> p_location[ordered[k - 1]] order by k);
        if cardinality(cuts) = 1 then
          cuts := array(select k from generate_series(froms[1], tos[1]) k order by k);
        end if;
        tos := cuts[2:] || tos;
        for n in 1 .. cardinality(cuts) - 1 loop
          tos[n] := tos[n] - 1;
        end loop;
        froms := cuts || froms[2:];
      else
        for j in p_first[i] .. p_last[i] loop
          chosen[j] := null;
        end loop;
        doses := doses_before;
        addresses := addresses_before;
        uses := uses_before;
        exit;
      end if;
    end loop;
  end loop;
  return chosen;
end $$;

-- Places the prepared orders of called practices, given in order of number, for the leader with this fence. One row per
-- practice that is still to be placed; nothing at all when the fence has passed to another. Outcomes:
--   ordered    with its number: hold and order in one, the order's actor nobody
--   holds      it came itself and has something in its window (or had, not yet swept): left alone
--   blocked    so is who may order nothing: the organiser talks with it
--   already_ordered, self    it ordered itself; or it will, since it took its wish back
--   grown      nothing was tried: since the caller looked there is more room on one of p_seen_day than it saw, and
--              somebody with a smaller number whom it left out may want that
--   full, bad_lines, …    an outcome of holding: no order. The first time it is said by mail, and on the hold's row.
-- `wishes` and `smallest` are the days that could help who was refused, and the doses it would take on one of them.
create function ordering_place_prepared_v1(
  p_campaign bigint, p_fence bigint, p_practices bigint[],
  p_seen_day date[], p_seen_doses bigint[], p_seen_addresses int[], p_mail_domain text)
returns table (practice bigint, outcome text, number text, wishes date[], smallest bigint)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
  hold record;
  prepared record;
  states text[] := array_fill(null::text, array[cardinality(p_practices)]);
  n int := 0;
  practices bigint[] := '{}';  -- those to be tried, with what they put ready
  ids bigint[] := '{}';
  keys uuid[] := '{}';
  parts boolean[] := '{}';
  first int[] := '{}';
  last int[] := '{}';
  line_product bigint[] := '{}';
  line_location bigint[] := '{}';
  line_doses bigint[] := '{}';
  line_day date[];
  rank_first int[] := '{}';
  rank_last int[] := '{}';
  rank_day date[] := '{}';
  days date[];
  doses bigint[];
  addresses int[];
  grown boolean;
  outcomes text[] := '{}';
  numbers text[] := '{}';
  held int[];  -- which of those that were tried have what they wanted
  confirmed record;
  failed record;
begin
  if not runtime_fence_holds_v1('placing', p_fence) then
    return;
  end if;

  -- 1. The practices' rows, in their order; who has been ordering by itself meanwhile, or is, is left alone.
  insert into ordering_hold
    (campaign_id, practice_id, state, line_product, line_location, line_doses, line_day, version)
  select p_campaign, u.practice, 'none', '{}', '{}', '{}', '{}', 0 from unnest(p_practices) u(practice) order by 2
  on conflict (campaign_id, practice_id, slot) do nothing;
  for hold in
    select l.practice_id, case when l.blocked and l.state <> 'ordered' then 'blocked' else l.state end as state
      from (select p as practice from unnest(p_practices) p order by p) u
     cross join lateral (
       select h.practice_id, h.state, h.blocked
         from ordering_hold h
        where h.campaign_id = p_campaign and h.practice_id = u.practice and h.slot = 0 for no key update of h) l
  loop
    states[array_position(p_practices, hold.practice_id)] := hold.state;
  end loop;

  -- 2. What they put ready: in a statement of its own, so that under those locks it is what was last saved.
  for prepared in
    select u.practice, x.id, x.auto, l.product, l.location, l.doses, r.day
      from unnest(p_practices, states) with ordinality u(practice, state, place)
     cross join lateral (
       select o.id, o.auto from ordering_prepared_order o
        where o.campaign_id = p_campaign and o.practice_id = u.practice offset 0) x
     cross join lateral (
       select coalesce(array_agg(p.product_id order by p.id), '{}') as product,
              coalesce(array_agg(p.location_id order by p.id), '{}') as location,
              coalesce(array_agg(p.doses::bigint order by p.id), '{}') as doses
         from ordering_prepared_line p where p.prepared_id = x.id) l
     cross join lateral (
       select coalesce(array_agg(w.day order by w.rank), '{}') as day
         from ordering_ranked_day w where w.prepared_id = x.id) r
     where u.state in ('none', 'lapsed') and x.auto <> 'off'
     order by u.place
  loop
    n := n + 1;
    practices[n] := prepared.practice;
    ids[n] := prepared.id;
    keys[n] := gen_random_uuid();
    parts[n] := prepared.auto = 'parts';
    first[n] := cardinality(line_doses) + 1;
    line_product := line_product || prepared.product;
    line_location := line_location || prepared.location;
    line_doses := line_doses || prepared.doses;
    last[n] := cardinality(line_doses);
    rank_first[n] := cardinality(rank_day) + 1;
    rank_day := rank_day || prepared.day;
    rank_last[n] := cardinality(rank_day);
  end loop;

  -- 3. All days that they would like, earliest first; and whether the caller's picture of them is out of date.
  select coalesce(array_agg(d.day), '{}'), coalesce(array_agg(d.doses), '{}'), coalesce(array_agg(d.addresses), '{}')
    into days, doses, addresses
    from (select day, (doses_limit - doses_taken)::bigint as doses, addresses_limit - addresses_taken as addresses
            from ordering_delivery_day
           where campaign_id = p_campaign and day = any(rank_day)
             and day > coalesce((select c.early_until from ordering_campaign c where c.id = p_campaign), '-infinity')
           order by day for no key update) d;
  grown := exists (
    select from unnest(days, doses, addresses) f(day, doses, addresses)
      join unnest(p_seen_day, p_seen_doses, p_seen_addresses) s(day, doses, addresses) on s.day = f.day
     where f.doses > s.doses or f.addresses > s.addresses);

  -- 4. As if each had chosen its days and pressed. Who finds no day asks by its ranking, and hears why not.
  if grown then
    outcomes := array_fill('grown'::text, array[n]);
  elsif n > 0 then
    line_day := ordering_choose_days_v1(
      p_campaign, first, last, line_location, line_doses, parts, rank_first, rank_last, rank_day,
      days, doses, addresses);
    outcomes := array(
      select h.outcome from ordering_hold_batch_v1(
        p_campaign, practices, keys, array_fill(null::bigint, array[n]), array_fill(0, array[n]),
        array(select u.last - u.first + 1 from unnest(first, last) with ordinality u(first, last, place) order by place),
        line_product, line_location, line_doses, line_day,
        array(select u.last - u.first + 1
                from unnest(rank_first, rank_last) with ordinality u(first, last, place) order by place), rank_day)
        with ordinality h(outcome, key, ends, now, product, location, doses, day, detail, place)
       order by h.place);
    held := array(select u.place::int from unnest(outcomes) with ordinality u(outcome, place)
                   where u.outcome = 'held' order by u.place);
    for confirmed in
      select c.outcome, c.number, held[c.place] as at
        from ordering_confirm_batch_v1(
          p_campaign, array(select practices[h] from unnest(held) h), array(select keys[h] from unnest(held) h),
          array_fill(null::bigint, array[cardinality(held)]), array_fill(0, array[cardinality(held)]), p_mail_domain)
          with ordinality c(outcome, number, placed_at, key, place)
    loop
      if confirmed.outcome <> 'ordered' then
        raise exception 'held just now, and yet not ordered: %', confirmed.outcome;
      end if;
      outcomes[confirmed.at] := confirmed.outcome;
      numbers[confirmed.at] := confirmed.number;
    end loop;

    -- 5. Who could not be helped hears it once; whoever watches its hold's version then reads where it stands.
    with refused as (
      update ordering_prepared_order p set failed_at = clock_timestamp(), failure = u.outcome
        from unnest(ids, outcomes) u(id, outcome)
       where p.id = u.id and p.failed_at is null
         and u.outcome not in ('ordered', 'already_ordered', 'not_called', 'no_ticket', 'not_open', 'closed')
      returning p.id, p.practice_id, p.failed_at, p.failure)
    select coalesce(array_agg(r.id), '{}') as ids, coalesce(array_agg(r.practice_id), '{}') as practices,
           coalesce(array_agg(r.failed_at), '{}') as at, coalesce(array_agg(r.failure), '{}') as outcomes
      into failed from refused r;
    update ordering_hold h set version = h.version + 1
     where h.slot = 0 and h.campaign_id = p_campaign and h.practice_id = any(failed.practices);
    insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
    select u.at, null, u.practice, 'prepared.not_placed', 'prepared:' || u.id, '',
           jsonb_build_object('auto', true, 'outcome', u.outcome)
      from unnest(failed.ids, failed.practices, failed.at, failed.outcomes) u(id, practice, at, outcome);
    insert into mail_outbox
      (kind, reference, recipient, message_id, state, attempts, next_attempt_at, taken_by, created_at, answer)
    select 'prepared_not_placed', u.id::text, a.recipient,
           'prepared-' || u.id || '.' || floor(1000 * extract(epoch from u.at)) || '@' || p_mail_domain,
           'queued', 0, u.at, '', u.at, ''
      from unnest(failed.ids, failed.practices, failed.at) u(id, practice, at)
     cross join lateral ordering_recipients_v1(u.practice) a(recipient);
  end if;

  return query
    select u.practice,
           case when t.place is not null then outcomes[t.place]
                when u.state = 'held' then 'holds'
                when u.state = 'ordered' then 'already_ordered'
                when u.state = 'blocked' then 'blocked'
                else 'self' end,
           numbers[t.place], rank_day[rank_first[t.place]:rank_last[t.place]],
           (select case when parts[t.place] then min(d) else sum(d)::bigint end
              from unnest(line_doses[first[t.place]:last[t.place]]) d)
      from unnest(p_practices, states) with ordinality u(practice, state, place)
      left join lateral (select array_position(practices, u.practice) as place) t on true
     order by u.place;
end $$;
