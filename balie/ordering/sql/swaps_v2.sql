-- The line of all who wait for room: standing swaps, and practices without a first order, whose wishes have no number.

-- What a wish needs more of than its order has, by day: doses, and addresses at which no lorry stops yet. Nothing where
-- it needs no more of anything.
create function ordering_swap_needs_v2(p_swap bigint) returns table (day date, doses bigint, addresses bigint)
language sql stable as $$
  select m.day, sum(m.doses), sum((coalesce(t.uses, 0) + m.uses > 0)::int - (coalesce(t.uses, 0) > 0)::int)
    from (select x.campaign_id, x.day, x.location, sum(x.doses)::bigint as doses, sum(x.uses) as uses
            from (select s.campaign_id, l.day, l.location, l.doses::bigint as doses, 1 as uses
                    from ordering_swap s
                   cross join lateral unnest(s.line_day, s.line_location, s.line_doses) l(day, location, doses)
                   where s.id = p_swap
                  union all
                  select s.campaign_id, l.day, l.location_id, -l.doses, -1
                    from ordering_swap s
                    join ordering_order o on o.number = s.number
                    join ordering_order_line l on l.order_id = o.id
                   where s.id = p_swap) x
           group by x.campaign_id, x.day, x.location) m
    left join ordering_stop t on t.campaign_id = m.campaign_id and t.location_id = m.location and t.day = m.day
   group by m.day
  having sum(m.doses) > 0 or sum((coalesce(t.uses, 0) + m.uses > 0)::int - (coalesce(t.uses, 0) > 0)::int) > 0
$$;

-- Where a wish stands is settled when it is made: by the number that the draw or the arrival gave its practice; after
-- those, as asked. So is the first day that would differ, by which the free limit is judged.
create function ordering_place_swap_v2() returns trigger language plpgsql as $$
begin
  new.place := coalesce(
    (select t.number from ordering_campaign c join waitingroom_ticket t on t.room_id = c.room_id
      where c.id = new.campaign_id and t.holder = new.practice_id), 2147483647);
  new.first_day := ordering_first_day_v2(
    new.number, new.line_product, new.line_location, new.line_doses, new.line_day);
  return new;
end $$;

create function ordering_first_day_v2(
  p_number text, p_product bigint[], p_location bigint[], p_doses int[], p_day date[]) returns date
language sql stable as $$
  with wanted as (
    select * from unnest(p_product, p_location, p_doses, p_day) l(product, location, doses, day)
  ), stands as (
    select l.product_id, l.location_id, l.doses, l.day
      from ordering_order o join ordering_order_line l on l.order_id = o.id where o.number = p_number
  )
  select min(x.day) from ((table wanted except table stands) union all (table stands except table wanted)) x
$$;

-- While a wish is open its needs are kept by day, so that whoever serves the line looks at none that cannot fit.
create function ordering_note_needs_v2() returns trigger language plpgsql as $$
begin
  delete from ordering_swap_need n where n.swap_id = new.id;
  if new.state = 'open' then
    insert into ordering_swap_need (swap_id, campaign_id, day, doses, addresses, days)
    select new.id, new.campaign_id, n.day, n.doses, n.addresses, count(*) over () from ordering_swap_needs_v2(new.id) n;
  end if;
  return null;
end $$;

-- The first in line that fits now, of those whose order is still as it was; null where none does. Who has no order and
-- holds something in its window is passed over: it is ordering.
create function ordering_fitting_swap_v2(p_campaign bigint) returns bigint language plpgsql stable as $$
declare
  candidate bigint;
begin
  for candidate in
    select s.id
      from ordering_swap s
     where s.campaign_id = p_campaign and s.state = 'open'
       and s.id = any(array(
         select n.swap_id
           from ordering_delivery_day d
          cross join lateral (
            select n.swap_id, n.days from ordering_swap_need n
             where n.campaign_id = p_campaign and n.day = d.day
               and n.doses <= d.doses_limit - d.doses_taken
               and n.addresses <= d.addresses_limit - d.addresses_taken) n
          where d.campaign_id = p_campaign
          group by n.swap_id having count(*) = max(n.days)
         union all
         select x.id from ordering_swap x
          where x.campaign_id = p_campaign and x.state = 'open'
            and not exists (select from ordering_swap_need n where n.swap_id = x.id)))
       and case s.number
             when '' then not exists (
               select from ordering_hold h
                where h.campaign_id = p_campaign and h.practice_id = s.practice_id and h.slot = 0 and h.state = 'held'
                  and h.expires_at > service_now())
             else exists (select from ordering_order o where o.number = s.number and o.revision = s.revision) end
     order by s.place, s.id
  loop
    if not exists (
      select from ordering_swap_needs_v2(candidate) n
        left join ordering_delivery_day d on d.campaign_id = p_campaign and d.day = n.day
       where d.day is null or n.doses > 0 and d.doses_taken + n.doses > d.doses_limit
          or n.addresses > 0 and d.addresses_taken + n.addresses > d.addresses_limit)
    then
      return candidate;
    end if;
  end loop;
  return null;
end $$;

-- Serves this wish, if it is the first that fits. Outcomes: served; offered, to who has no order; lapsed, where the rules
-- or the free limit no longer allow it; overtaken, where who had no order has one by now, or may have none; again, where
-- another is first by now or nothing fits, and the caller looks anew; gone, where it is settled.
-- The days for which anybody waits who stands before it are locked with its own: none of those can begin to fit between
-- the look and the swap.
create function ordering_serve_swap_v2(p_swap bigint, p_mail_domain text) returns text language plpgsql as $$
#variable_conflict use_column
declare
  swap record;
  outcome text;
begin
  -- 1. The practice's row, then the days, in their order.
  select s.campaign_id, s.practice_id, s.number, s.place, s.line_day into swap from ordering_swap s where s.id = p_swap;
  insert into ordering_hold
    (campaign_id, practice_id, state, line_product, line_location, line_doses, line_day, version)
  values (swap.campaign_id, swap.practice_id, 'none', '{}', '{}', '{}', '{}', 0)
  on conflict (campaign_id, practice_id, slot) do nothing;
  perform from ordering_hold h
    where h.campaign_id = swap.campaign_id and h.practice_id = swap.practice_id order by h.slot for no key update;
  perform from ordering_delivery_day d
    where d.campaign_id = swap.campaign_id
      and d.day in (
        select n.day from ordering_swap s join ordering_swap_need n on n.swap_id = s.id
         where s.campaign_id = swap.campaign_id and s.state = 'open'
           and (s.place, s.id) <= (swap.place, p_swap)
        union
        select unnest(swap.line_day)
        union
        select l.day from ordering_order o join ordering_order_line l on l.order_id = o.id
         where o.number = swap.number)
    order by d.day for no key update;

  -- 2. In a statement of its own, begun after the locks.
  if not exists (select from ordering_swap s where s.id = p_swap and s.state = 'open') then
    return 'gone';
  end if;
  if ordering_fitting_swap_v2(swap.campaign_id)
     is distinct from p_swap then
    return 'again';
  end if;

  -- 3. A change as any other, by Balie; or an offer.
  if swap.number = '' then
    return ordering_offer_v2(p_swap, p_mail_domain);
  end if;
  select c.outcome into outcome
    from ordering_swap s
   cross join lateral ordering_change_order_v1(
     s.campaign_id, s.practice_id, s.number, s.revision, null, clock_timestamp(),
     s.line_product, s.line_location, s.line_doses, s.line_day, false, 0, '', p_mail_domain) c
   where s.id = p_swap;
  return ordering_settle_swap_v2(p_swap, case when outcome = 'changed' then 'served' else 'lapsed' end, p_mail_domain);
end $$;

-- Takes what the wish asks for and keeps it for the practice until the offer ends, which a mail tells. The caller has the
-- locks, and saw that it fits.
create function ordering_offer_v2(p_swap bigint, p_mail_domain text) returns text language plpgsql as $$
#variable_conflict use_column
declare
  swap record;
  wall constant timestamptz := clock_timestamp();
  last_free date;
begin
  select s.campaign_id, s.practice_id, s.first_day, s.line_product, s.line_location, s.line_doses, s.line_day, c.slug
    into swap from ordering_swap s join ordering_campaign c on c.id = s.campaign_id where s.id = p_swap;
  if exists (select from ordering_hold h
              where h.campaign_id = swap.campaign_id and h.practice_id = swap.practice_id and h.blocked)
     or exists (select from ordering_order o
                 where o.campaign_id = swap.campaign_id and o.practice_id = swap.practice_id and o.slot = 0) then
    return ordering_settle_swap_v2(p_swap, 'overtaken', p_mail_domain);
  end if;
  last_free := ordering_last_free_day_v1(swap.campaign_id, swap.first_day);
  if (wall at time zone 'Europe/Amsterdam')::date > last_free
     or (ordering_check_lines_v1(
           swap.campaign_id, array[swap.practice_id], array[1], array[cardinality(swap.line_day)], swap.line_product,
           swap.line_location, swap.line_doses::bigint[], swap.line_day, array[1], array[0], '{}'))[1] is not null then
    return ordering_settle_swap_v2(p_swap, 'lapsed', p_mail_domain);
  end if;
  if not (select m.moved[1] from ordering_move_v1(
            swap.campaign_id, array[1], array[cardinality(swap.line_day)], swap.line_day, swap.line_location,
            swap.line_doses::bigint[], array[1], array[0], '{}') m) then
    return 'again';
  end if;
  update ordering_swap s
     set state = 'offered', offered_at = wall, offer_key = gen_random_uuid(),
         offer_ends_at = least(ordering_offer_end_v1(swap.campaign_id, wall),
                               (last_free + 1)::timestamp at time zone 'Europe/Amsterdam')
   where s.id = p_swap;
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  select wall, null, swap.practice_id, 'order.offered', 'swap:' || p_swap, '',
         jsonb_build_object('campaign', swap.slug, 'days', to_jsonb(swap.line_day), 'until', s.offer_ends_at)
    from ordering_swap s where s.id = p_swap;
  perform ordering_mail_swap_v2(p_swap, 'wish_offered', p_mail_domain);
  return 'offered';
end $$;

-- When an offer that is made now ends: after the campaign's hours, of which those of Saturdays, Sundays and holidays do
-- not count.
create function ordering_offer_end_v1(p_campaign bigint, p_from timestamptz) returns timestamptz
language plpgsql stable as $$
declare
  campaign record;
  at timestamp := p_from at time zone 'Europe/Amsterdam';
  left_over interval;
  rest interval;
begin
  select make_interval(hours => c.offer_hours) as span, c.holidays into campaign
    from ordering_campaign c where c.id = p_campaign;
  left_over := campaign.span;
  loop
    rest := date_trunc('day', at) + interval '1 day' - at;
    if extract(isodow from at) >= 6 or at::date = any(campaign.holidays) then
      at := at + rest;
    elsif left_over <= rest then
      return (at + left_over) at time zone 'Europe/Amsterdam';
    else
      left_over := left_over - rest;
      at := at + rest;
    end if;
  end loop;
end $$;

-- The practice takes what it was offered: the order is placed by the SQL that places all orders, on what the offer took.
-- What else it holds in its window goes back. Outcomes: ordered, also for a click that comes again, with the number;
-- already_ordered, in another way, and blocked, both of which give the offer back; gone.
-- An offer counts until it was ended, not until its time: nobody else has it until then.
create function ordering_accept_offer_v1(
  p_swap bigint, p_actor bigint, p_mail_domain text, out outcome text, out number text)
language plpgsql as $$
#variable_conflict use_column
declare
  offer record;
  hold record;
  fresh text;
begin
  -- 1. The practice's row.
  select s.campaign_id, s.practice_id into offer from ordering_swap s where s.id = p_swap;
  select h.state, h.blocked into hold from ordering_hold h
    where h.campaign_id = offer.campaign_id and h.practice_id = offer.practice_id and h.slot = 0 for no key update;

  -- 2. In a statement of its own, begun after the lock.
  select s.campaign_id, s.practice_id, s.state, s.offer_key, s.placed, s.line_product, s.line_location, s.line_doses,
         s.line_day
    into offer from ordering_swap s where s.id = p_swap;
  if offer.state = 'served' then
    outcome := 'ordered';
    number := offer.placed;
    return;
  elsif offer.state <> 'offered' then
    outcome := 'gone';
    return;
  elsif hold.blocked or hold.state = 'ordered' then
    perform ordering_end_offer_v1(p_swap, 'overtaken', p_mail_domain);
    outcome := case when hold.blocked then 'blocked' else 'already_ordered' end;
    return;
  end if;

  -- 3. What it holds otherwise goes back; then it holds the offer, and orders that.
  if hold.state = 'held' then
    perform ordering_move_holds_v1(offer.campaign_id, array[offer.practice_id], -1);
  end if;
  update ordering_hold h
     set state = 'held', hold_key = offer.offer_key, held_by = p_actor, held_at = service_now(),
         expires_at = service_now() + interval '1 hour', line_product = offer.line_product,
         line_location = offer.line_location, line_doses = offer.line_doses, line_day = offer.line_day,
         version = h.version + 1
   where h.campaign_id = offer.campaign_id and h.practice_id = offer.practice_id and h.slot = 0;
  select c.outcome, c.number into outcome, fresh
    from ordering_confirm_batch_v1(
      offer.campaign_id, array[offer.practice_id], array[offer.offer_key], array[p_actor], array[0], p_mail_domain) c;
  update ordering_swap s set state = 'served', settled_at = clock_timestamp(), placed = fresh where s.id = p_swap;
  number := fresh;
end $$;

-- An offer comes to nothing: what it took goes back, for the next in line. It was refused or its practice wants nothing
-- any more (withdrawn), it was not taken in time (lapsed, which a mail tells), or its practice ordered in another way
-- (overtaken). Answers whether there was one.
create function ordering_end_offer_v1(p_swap bigint, p_state text, p_mail_domain text) returns boolean
language plpgsql as $$
#variable_conflict use_column
declare
  offer record;
begin
  select s.campaign_id, s.practice_id into offer from ordering_swap s where s.id = p_swap;
  perform from ordering_hold h
    where h.campaign_id = offer.campaign_id and h.practice_id = offer.practice_id and h.slot = 0 for no key update;
  select s.campaign_id, s.practice_id, s.line_location, s.line_day, c.slug,
         array(select -d from unnest(s.line_doses) d)::bigint[] as line_doses
    into offer
    from ordering_swap s join ordering_campaign c on c.id = s.campaign_id
   where s.id = p_swap and s.state = 'offered';
  if offer.campaign_id is null then
    return false;
  end if;
  perform ordering_move_v1(
    offer.campaign_id, array[1], array[cardinality(offer.line_day)], offer.line_day, offer.line_location,
    offer.line_doses, array[1], array[0], '{}');
  update ordering_swap s set state = p_state, settled_at = clock_timestamp() where s.id = p_swap;
  if p_state = 'lapsed' then
    insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
    values (clock_timestamp(), null, offer.practice_id, 'order.offer_lapsed', 'swap:' || p_swap, '',
            jsonb_build_object('campaign', offer.slug, 'days', to_jsonb(offer.line_day)));
    perform ordering_mail_swap_v2(p_swap, 'offer_lapsed', p_mail_domain);
  end if;
  return true;
end $$;

create function ordering_mail_swap_v2(p_swap bigint, p_kind text, p_mail_domain text) returns void language sql as $$
  insert into mail_outbox (kind, reference, recipient, message_id)
  select p_kind, 'swap:' || p_swap, a.recipient, replace(p_kind, '_', '.') || '.' || p_swap || '@' || p_mail_domain
    from ordering_swap s cross join lateral ordering_recipients_v1(s.practice_id) a(recipient)
   where s.id = p_swap
$$;

-- Notes how a wish ended; where it came to nothing, the practice gets a mail.
create function ordering_settle_swap_v2(p_swap bigint, p_state text, p_mail_domain text) returns text
language plpgsql as $$
begin
  update ordering_swap s set state = p_state, settled_at = clock_timestamp() where s.id = p_swap and s.state = 'open';
  if found and p_state = 'lapsed' then
    perform ordering_mail_swap_v2(
      p_swap, case when s.number = '' then 'wish_lapsed' else 'swap_lapsed' end, p_mail_domain)
      from ordering_swap s where s.id = p_swap;
  end if;
  return p_state;
end $$;

-- Wishes that nobody needs to wait for any more, at most p_limit at a time: their order was changed or cancelled, who had
-- none has one, or the free limit of what would differ is past. Answers how many there were.
create function ordering_tidy_swaps_v2(p_limit int, p_mail_domain text) returns int language plpgsql as $$
declare
  today constant date := (clock_timestamp() at time zone 'Europe/Amsterdam')::date;
  stale record;
  tidied int := 0;
begin
  for stale in
    with late as (
      select x.campaign_id, x.first_day
        from (select distinct s.campaign_id, s.first_day from ordering_swap s where s.state = 'open') x
       where today > ordering_last_free_day_v1(x.campaign_id, x.first_day)
    )
    select u.id, u.is_overtaken
      from (select s.id, s.campaign_id, s.first_day,
                   case s.number
                     when '' then exists (select from ordering_order o
                                           where o.campaign_id = s.campaign_id and o.practice_id = s.practice_id
                                             and o.slot = 0)
                     else not exists (select from ordering_order o
                                       where o.number = s.number and o.revision = s.revision) end as is_overtaken
              from ordering_swap s where s.state = 'open') u
     where u.is_overtaken or (u.campaign_id, u.first_day) in (table late)
     order by u.id limit p_limit
  loop
    perform ordering_settle_swap_v2(
      stale.id, case when stale.is_overtaken then 'overtaken' else 'lapsed' end, p_mail_domain);
    tidied := tidied + 1;
  end loop;
  return tidied;
end $$;
