-- What the bench compares with: the same work by the same rules, as one writes it by hand for one request at a time.
-- Runs on the product's own tables; nothing of the product calls it.
create schema bench;

-- Hold lines for a practice: campaign open, number called, every line by the rules, both capacities of each day, all or
-- nothing; replaces what it held. Answers the outcome.
create function bench.hold(
  p_campaign bigint, p_practice bigint, p_key uuid, p_actor bigint,
  p_product bigint[], p_location bigint[], p_doses int[], p_day date[]) returns text
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  now constant timestamptz := service_now();
  campaign record;
  turn record;
  mine record;
  each record;
  delta_doses int;
  delta_addresses int;
begin
  -- 1. May it order at all?
  select c.opens_at, c.closes_at, c.window_s, c.room_id, c.cap_percent, c.year, r.called into strict campaign
    from ordering_campaign c join waitingroom_room r on r.id = c.room_id where c.id = p_campaign;
  if clock_timestamp() < campaign.opens_at then return 'not_open'; end if;
  if clock_timestamp() >= campaign.closes_at then return 'closed'; end if;
  select t.number into turn from waitingroom_ticket t where t.room_id = campaign.room_id and t.holder = p_practice;
  if not found then return 'no_ticket'; end if;
  if turn.number is null or turn.number > campaign.called then return 'not_called'; end if;

  -- 2. Are the lines as the campaign wants them?
  if cardinality(p_product) = 0 then return 'bad_lines'; end if;
  for each in
    select l.doses, p.step, p.minimum, o.practice_id as owner, d.day as known_day,
           sum(l.doses) over (partition by l.product) as total, used.ordered,
           count(*) over (partition by l.product, l.location, l.day) as same
      from unnest(p_product, p_location, p_doses, p_day) l(product, location, doses, day)
      left join ordering_product p on p.id = l.product and p.campaign_id = p_campaign
      left join practices_location o on o.id = l.location
      left join ordering_delivery_day d on d.campaign_id = p_campaign and d.day = l.day
      left join practices_past_use used
        on used.practice_id = p_practice and used.year = campaign.year - 1 and used.product_code = p.code
  loop
    if each.step is null or each.owner is distinct from p_practice or each.known_day is null or each.same > 1
       or each.doses < each.minimum or each.doses % each.step <> 0
       or (campaign.cap_percent is not null and each.ordered > 0
           and each.total > ceil(each.ordered * campaign.cap_percent / (100.0 * each.step)) * each.step) then
      return 'bad_lines';
    end if;
  end loop;

  -- 3. The practice's row is its lock.
  insert into ordering_hold (campaign_id, practice_id, state, line_product, line_location, line_doses, line_day, version)
  values (p_campaign, p_practice, 'none', '{}', '{}', '{}', '{}', 0)
  on conflict (campaign_id, practice_id, slot) do nothing;
  select h.state, h.hold_key, h.expires_at, h.line_location, h.line_doses, h.line_day into mine
    from ordering_hold h where h.campaign_id = p_campaign and h.practice_id = p_practice for no key update;
  if mine.state = 'ordered' then return 'already_ordered'; end if;
  if mine.hold_key = p_key then return 'held'; end if;

  -- 4. Lock the days in order, then look what is free: give back what it held, take what it wants.
  perform 1 from ordering_delivery_day d
    where d.campaign_id = p_campaign
      and d.day = any(p_day || case when mine.state = 'held' then mine.line_day else '{}' end)
    order by d.day for no key update;
  if mine.state = 'held' then
    for each in
      select l.day, l.location, count(*) as lines, sum(l.doses) as doses
        from unnest(mine.line_day, mine.line_location, mine.line_doses) l(day, location, doses) group by l.day, l.location
    loop
      update ordering_stop s set uses = s.uses - each.lines
       where s.campaign_id = p_campaign and s.day = each.day and s.location_id = each.location
      returning case s.uses when 0 then 1 else 0 end into delta_addresses;
      update ordering_delivery_day d
         set doses_taken = d.doses_taken - each.doses, addresses_taken = d.addresses_taken - delta_addresses
       where d.campaign_id = p_campaign and d.day = each.day;
    end loop;
  end if;
  for each in
    select l.day, l.location, count(*) as lines, sum(l.doses) as doses
      from unnest(p_day, p_location, p_doses) l(day, location, doses) group by l.day, l.location
  loop
    insert into ordering_stop as s (campaign_id, location_id, day, uses)
    values (p_campaign, each.location, each.day, each.lines)
    on conflict (campaign_id, location_id, day) do update set uses = s.uses + excluded.uses
    returning case s.uses when each.lines then 1 else 0 end into delta_addresses;
    update ordering_delivery_day d
       set doses_taken = d.doses_taken + each.doses, addresses_taken = d.addresses_taken + delta_addresses
     where d.campaign_id = p_campaign and d.day = each.day
       and d.doses_taken + each.doses <= d.doses_limit and d.addresses_taken + delta_addresses <= d.addresses_limit;
    if not found then
      raise exception 'full';  -- one request: it may as well roll back
    end if;
  end loop;
  update ordering_hold h
     set state = 'held', hold_key = p_key, held_at = now, held_by = p_actor,
         expires_at = case when mine.state = 'held' and mine.expires_at > now then mine.expires_at
                           else now + make_interval(secs => campaign.window_s) end,
         line_product = p_product, line_location = p_location, line_doses = p_doses, line_day = p_day,
         version = h.version + 1
   where h.campaign_id = p_campaign and h.practice_id = p_practice;
  insert into ordering_hold_log
    (campaign_id, act, at, service_at, practices, keys, actors, elapsed_ms, outcomes, details)
  values (p_campaign, 'hold', clock_timestamp(), now, array[p_practice], array[p_key], array[p_actor], '{0}',
          '{held}', array[to_jsonb(p_day)]);
  return 'held';
end $$;

-- Make an order of the hold: order, lines with their addresses, audit event, mail rows. Answers its number or the outcome.
create function bench.confirm(p_campaign bigint, p_practice bigint, p_key uuid, p_actor bigint) returns text
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  campaign record;
  mine record;
  fresh bigint;
  called text;
  at timestamptz;
begin
  select c.version, c.year, c.slug into strict campaign from ordering_campaign c where c.id = p_campaign;
  select h.state, h.hold_key, h.expires_at, h.line_product, h.line_location, h.line_doses, h.line_day into mine
    from ordering_hold h where h.campaign_id = p_campaign and h.practice_id = p_practice for no key update;
  if not found or mine.state = 'none' then return 'no_hold'; end if;
  if mine.hold_key <> p_key then return 'replaced'; end if;
  if mine.state = 'ordered' then
    return (select o.number from ordering_order o where o.campaign_id = p_campaign and o.practice_id = p_practice);
  end if;
  if mine.state = 'lapsed' or service_now() > mine.expires_at then return 'lapsed'; end if;

  fresh := nextval('ordering_order_id_seq');
  called := 'B' || to_char(campaign.year % 100, 'FM00') || '-' || lpad(fresh::text, greatest(5, length(fresh::text)), '0');
  at := clock_timestamp();
  insert into ordering_order (id, number, campaign_id, campaign_version, practice_id, hold_key, placed_at, placed_by_id)
  values (fresh, called, p_campaign, campaign.version, p_practice, p_key, at, p_actor);
  insert into ordering_order_line (order_id, day, product_id, doses, location_id, address)
  select fresh, l.day, l.product, l.doses, l.location, a.street || ', ' || a.postcode || ' ' || a.city
    from unnest(mine.line_day, mine.line_product, mine.line_doses, mine.line_location) l(day, product, doses, location)
    join practices_location a on a.id = l.location;
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  values (at, p_actor, p_practice, 'order.placed', called, '',
          jsonb_build_object('campaign', campaign.slug, 'clicked_at', at, 'window_ends_at', mine.expires_at));
  insert into mail_outbox
    (kind, reference, recipient, message_id, state, attempts, next_attempt_at, taken_by, created_at, answer)
  select 'order_confirmation', called, a.recipient, lower(called) || '.' || campaign.slug || '@bench.example',
         'queued', 0, at, '', at, ''
    from (select p.email as recipient from practices_practice p where p.id = p_practice
          union
          select p.second_email from practices_practice p where p.id = p_practice and p.second_email <> '') a;
  update ordering_hold h set state = 'ordered', version = h.version + 1
   where h.campaign_id = p_campaign and h.practice_id = p_practice;
  insert into ordering_hold_log (campaign_id, act, at, service_at, practices, keys, actors, elapsed_ms, outcomes)
  values (p_campaign, 'confirm', at, service_now(), array[p_practice], array[p_key], array[p_actor], '{0}', '{ordered}');
  return called;
end $$;

-- Both in one transaction.
create function bench.place(
  p_campaign bigint, p_practice bigint, p_key uuid, p_actor bigint,
  p_product bigint[], p_location bigint[], p_doses int[], p_day date[]) returns text
language plpgsql
as $$
declare
  answer text := bench.hold(p_campaign, p_practice, p_key, p_actor, p_product, p_location, p_doses, p_day);
begin
  return case answer when 'held' then bench.confirm(p_campaign, p_practice, p_key, p_actor) else answer end;
end $$;
