-- Changing an order that stands: amounts, days and addresses, all or nothing. What it has it keeps until the new fits.

-- p_revision is how often the order had been changed when the person looked at it, and p_at is when the request reached
-- us. The new lines stand in parallel arrays. Outcomes: changed, also for a click that comes again, with the revision;
-- same, where nothing differs; outdated, where the order is another by now; bad_lines, with errors as of holding, late,
-- delivered and full, with the days, all of which change nothing; no_order. The actor is null where Balie does it.
--
-- Only lines that differ are judged: the free limit and the delivery by their days, before and after, and the rules of
-- the campaign, so that an order which stands since before a rule can still be made smaller. After the free limit the
-- organiser may have p_granted it for p_fee cents.
create function ordering_change_order_v1(
  p_campaign bigint, p_practice bigint, p_number text, p_revision int, p_actor bigint, p_at timestamptz,
  p_product bigint[], p_location bigint[], p_doses int[], p_day date[],
  p_granted boolean, p_fee int, p_reason text, p_mail_domain text,
  out outcome text, out revision int, out detail jsonb)
language plpgsql
as $$
#variable_conflict use_column
declare
  today constant date := (p_at at time zone 'Europe/Amsterdam')::date;
  placed record;
  had record;      -- the lines as they are
  differ record;   -- those that go, and those that come in their place
  errors jsonb;
  short jsonb;
  wall timestamptz;
begin
  -- 1. The practice's rows: the lock of its orders.
  perform from ordering_hold h
    where h.campaign_id = p_campaign and h.practice_id = p_practice order by h.slot for no key update;

  -- 2. In a statement of its own, begun after the lock.
  select o.id, o.slot, o.revision, c.slug into placed
    from ordering_order o join ordering_campaign c on c.id = o.campaign_id
   where o.campaign_id = p_campaign and o.practice_id = p_practice and o.number = p_number;
  if placed.id is null then
    outcome := 'no_order';
    return;
  end if;
  revision := placed.revision;
  select array_agg(l.product_id order by l.id) as products, array_agg(l.location_id order by l.id) as locations,
         array_agg(l.doses order by l.id) as doses, array_agg(l.day order by l.id) as days,
         array_agg(l.address order by l.id) as addresses
    into had from ordering_order_line l where l.order_id = placed.id;
  with now as (
    select u.product, u.location, u.doses, u.day, a.street || ', ' || a.postcode || ' ' || a.city as address
      from unnest(p_product, p_location, p_doses, p_day) u(product, location, doses, day)
      left join practices_location a on a.id = u.location
  ), before as (
    select * from unnest(had.products, had.locations, had.doses, had.days, had.addresses)
                    u(product, location, doses, day, address)
  ), other as (
    select -1 as sign, x.* from (table before except all table now) x
    union all
    select 1, x.* from (table now except all table before) x
  )
  select array_agg(o.day order by o.sign, o.day, o.product, o.location) as days,
         array_agg(o.location order by o.sign, o.day, o.product, o.location) as locations,
         array_agg(o.sign * o.doses::bigint order by o.sign, o.day, o.product, o.location) as doses,
         array_agg(o.product order by o.sign, o.day, o.product, o.location) as products,
         array_agg(o.address order by o.sign, o.day, o.product, o.location) as addresses, min(o.day) as first_day
    into differ from other o;
  outcome := case
    when p_revision < placed.revision and differ.days is null then 'changed'
    when p_revision <> placed.revision then 'outdated'
    when differ.days is null then 'same' end;
  if outcome is not null then
    return;
  end if;

  -- 3. The rules.
  errors := (ordering_check_lines_v1(
    p_campaign, array[p_practice], array[1], array[cardinality(p_day)], p_product, p_location, p_doses::bigint[], p_day,
    array[1], array[0], '{}', array[placed.slot]))[1];
  errors := (
    select jsonb_agg(e.error order by e.place)
      from jsonb_array_elements(errors) with ordinality e(error, place)
     cross join lateral (select substring(e.error->>'at' from '\d+')::int + 1 as at) line
     where case e.error->>'code'
             when 'cap' then
               (select sum(u.doses) from unnest(p_product, p_doses) u(product, doses) where u.product = p_product[line.at])
               > (select coalesce(sum(u.doses), 0) from unnest(had.products, had.doses) u(product, doses)
                   where u.product = p_product[line.at])
             when 'location' then true
             when 'repeated' then true
             when 'empty' then true
             else not exists (
               select from unnest(had.products, had.locations, had.doses, had.days) u(product, location, doses, day)
                where u.product = p_product[line.at] and u.location = p_location[line.at]
                  and u.doses = p_doses[line.at] and u.day = p_day[line.at]) end);
  outcome := case
    when errors is not null then 'bad_lines'
    when today >= differ.first_day then 'delivered'
    when not p_granted and today > ordering_last_free_day_v1(p_campaign, differ.first_day) then 'late' end;
  if outcome is not null then
    detail := jsonb_build_object('errors', coalesce(errors, '[]'));
    return;
  end if;

  -- 4. The days: what goes is given back first, so that a smaller order keeps its place on a full day.
  select m.full_days[1] into short from ordering_move_v1(
    p_campaign, array[1], array[cardinality(differ.days)], differ.days, differ.locations, differ.doses,
    array[1], array[0], '{}') m;
  if short is not null then
    outcome := 'full';
    detail := jsonb_build_object('days', short);
    return;
  end if;

  -- 5. The order, and all that goes with it.
  outcome := 'changed';
  revision := placed.revision + 1;
  wall := clock_timestamp();
  delete from ordering_order_line l
   using unnest(differ.products, differ.locations, differ.doses, differ.days, differ.addresses)
           u(product, location, doses, day, address)
   where u.doses < 0 and l.order_id = placed.id and l.product_id = u.product and l.day = u.day
     and l.location_id is not distinct from u.location and l.address = u.address;
  insert into ordering_order_line (order_id, day, product_id, doses, location_id, address)
  select placed.id, u.day, u.product, u.doses, u.location, u.address
    from unnest(differ.products, differ.locations, differ.doses, differ.days, differ.addresses)
           u(product, location, doses, day, address)
   where u.doses > 0;
  update ordering_order o
     set revision = placed.revision + 1, changed_at = wall, changed_by_id = p_actor where o.id = placed.id;
  update ordering_hold h
     set line_product = p_product, line_location = p_location, line_doses = p_doses, line_day = p_day,
         version = h.version + 1
   where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = placed.slot;
  update ordering_late_request r set state = 'overtaken', decided_at = wall
   where r.number = p_number and r.kind = 'change' and r.state = 'open';
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  select wall, p_actor, p_practice, 'order.changed', p_number,
         coalesce(nullif(p_reason, ''),
                  (select m.reason from practices_mandate m  -- staff who do it for a practice that phoned
                    where m.person_id = p_actor and m.practice_id = p_practice
                      and m.ends_at > wall - interval '1 minute' order by m.id desc limit 1), ''),
         jsonb_build_object(
           'campaign', placed.slug, 'asked_at', p_at, 'granted', p_granted, 'fee_cents', p_fee, 'revision', revision,
           'before', (select jsonb_agg(jsonb_build_object(
                               'day', u.day, 'product', u.product, 'doses', u.doses, 'address', u.address) order by u.place)
                        from unnest(had.days, had.products, had.doses, had.addresses) with ordinality
                               u(day, product, doses, address, place)),
           'after', (select jsonb_agg(jsonb_build_object(
                              'day', l.day, 'product', l.product_id, 'doses', l.doses, 'address', l.address) order by l.id)
                       from ordering_order_line l where l.order_id = placed.id));
  insert into mail_outbox (kind, reference, recipient, message_id)
  select 'order_changed', p_number || ':' || revision, a.recipient,
         lower(p_number) || '.changed.' || revision || '.' || placed.slug || '@' || p_mail_domain
    from ordering_recipients_v1(p_practice) a(recipient);
end $$;
