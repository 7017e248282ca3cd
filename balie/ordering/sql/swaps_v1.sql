-- Standing swaps: served one by one, each in a transaction of its own, in the order of the waiting room.

-- Where a swap stands in line: by the number that the draw or the arrival gave its practice; after those, as asked.
create function ordering_swap_place_v1(p_room bigint, p_practice bigint, p_swap bigint) returns bigint[]
language sql stable as $$
  select array[coalesce((select t.number from waitingroom_ticket t where t.room_id = p_room and t.holder = p_practice),
                        2147483647)::bigint, p_swap]
$$;

-- The first swap in line that fits now, of those whose order is still as it was; null where none does.
create function ordering_fitting_swap_v1(p_campaign bigint) returns bigint language sql stable as $$
  with waiting as (
    select s.id, s.practice_id, o.hold_key, ordering_swap_place_v1(c.room_id, s.practice_id, s.id) as place,
           s.line_day, s.line_location, s.line_doses
      from ordering_swap s
      join ordering_campaign c on c.id = s.campaign_id
      join ordering_order o on o.number = s.number and o.revision = s.revision
     where s.campaign_id = p_campaign and s.state = 'open'
  ), moved as (
    select m.id, m.day, m.location, sum(m.doses) as doses, sum(m.uses) as uses
      from (select w.id, l.day, l.location, l.doses::bigint as doses, 1 as uses
              from waiting w cross join lateral unnest(w.line_day, w.line_location, w.line_doses) l(day, location, doses)
            union all
            select w.id, l.day, l.location, -l.doses, -1
              from waiting w
              join ordering_hold h
                on h.campaign_id = p_campaign and h.practice_id = w.practice_id and h.hold_key = w.hold_key
             cross join lateral unnest(h.line_day, h.line_location, h.line_doses) l(day, location, doses)) m
     group by m.id, m.day, m.location
  ), asked as (
    select m.id, m.day, sum(m.doses) as doses,
           sum((coalesce(s.uses, 0) + m.uses > 0)::int - (coalesce(s.uses, 0) > 0)::int) as addresses
      from moved m
      left join ordering_stop s on s.campaign_id = p_campaign and s.location_id = m.location and s.day = m.day
     group by m.id, m.day
  ), short as (
    select a.id
      from asked a left join ordering_delivery_day d on d.campaign_id = p_campaign and d.day = a.day
     where (a.doses > 0 or a.addresses > 0)
       and (d.day is null or a.doses > 0 and d.doses_taken + a.doses > d.doses_limit
            or a.addresses > 0 and d.addresses_taken + a.addresses > d.addresses_limit)
  )
  select w.id from waiting w where w.id not in (select s.id from short s) order by w.place limit 1
$$;

-- Serves this swap, if it is the first that fits. Outcomes: served; lapsed, where the rules or the free limit no longer
-- allow it; again, where another is first by now or nothing fits, and the caller looks anew; gone, where it is settled.
-- The days for which anybody waits who stands before it are locked with its own: none of those can begin to fit between
-- the look and the swap.
create function ordering_serve_swap_v1(p_swap bigint, p_mail_domain text) returns text language plpgsql as $$
#variable_conflict use_column
declare
  swap record;
  change record;
begin
  -- 1. The practice's row, then the days, in their order.
  select s.campaign_id, s.practice_id, c.room_id into swap
    from ordering_swap s join ordering_campaign c on c.id = s.campaign_id where s.id = p_swap;
  perform from ordering_hold h
    where h.campaign_id = swap.campaign_id and h.practice_id = swap.practice_id order by h.slot for no key update;
  perform from ordering_delivery_day d
    where d.campaign_id = swap.campaign_id
      and d.day in (
        select unnest(s.line_day) from ordering_swap s
         where s.campaign_id = swap.campaign_id and s.state = 'open'
           and ordering_swap_place_v1(swap.room_id, s.practice_id, s.id)
               <= ordering_swap_place_v1(swap.room_id, swap.practice_id, p_swap)
        union
        select unnest(h.line_day) from ordering_hold h
         where h.campaign_id = swap.campaign_id and h.practice_id = swap.practice_id)
    order by d.day for no key update;

  -- 2. In a statement of its own, begun after the locks.
  select s.number, s.revision, s.line_product, s.line_location, s.line_doses, s.line_day into swap
    from ordering_swap s where s.id = p_swap and s.state = 'open';
  if swap.number is null then
    return 'gone';
  end if;
  if ordering_fitting_swap_v1((select s.campaign_id from ordering_swap s where s.id = p_swap))
     is distinct from p_swap then
    return 'again';
  end if;

  -- 3. The swap: a change as any other, by Balie.
  select c.outcome into change
    from ordering_swap s
   cross join lateral ordering_change_order_v1(
     s.campaign_id, s.practice_id, s.number, s.revision, null, clock_timestamp(),
     s.line_product, s.line_location, s.line_doses, s.line_day, false, 0, '', p_mail_domain) c
   where s.id = p_swap;
  return ordering_settle_swap_v1(
    p_swap, case when change.outcome = 'changed' then 'served' else 'lapsed' end, p_mail_domain);
end $$;

-- Notes how a swap ended; where it came to nothing, the practice gets a mail.
create function ordering_settle_swap_v1(p_swap bigint, p_state text, p_mail_domain text) returns text
language plpgsql as $$
begin
  update ordering_swap s set state = p_state, settled_at = clock_timestamp() where s.id = p_swap and s.state = 'open';
  if found and p_state = 'lapsed' then
    insert into mail_outbox (kind, reference, recipient, message_id)
    select 'swap_lapsed', 'swap:' || p_swap, a.recipient, 'swap.' || p_swap || '@' || p_mail_domain
      from ordering_swap s cross join lateral ordering_recipients_v1(s.practice_id) a(recipient)
     where s.id = p_swap;
  end if;
  return p_state;
end $$;

-- Swaps that nobody needs to wait for any more, at most p_limit at a time: their order was changed or cancelled, or the
-- free limit of what would differ is past. Answers how many there were. Others that do so are passed over.
create function ordering_tidy_swaps_v1(p_limit int, p_mail_domain text) returns int language plpgsql as $$
declare
  today constant date := (clock_timestamp() at time zone 'Europe/Amsterdam')::date;
  stale record;
  tidied int := 0;
begin
  for stale in
    select s.id, (o.id is null) as is_overtaken
      from ordering_swap s
      left join ordering_order o on o.number = s.number and o.revision = s.revision
      left join lateral (
        select min(x.day) as first_day
          from ((select l.product, l.location, l.doses, l.day
                   from unnest(s.line_product, s.line_location, s.line_doses, s.line_day) l(product, location, doses, day)
                 except
                 select l.product_id, l.location_id, l.doses, l.day from ordering_order_line l where l.order_id = o.id)
                union all
                (select l.product_id, l.location_id, l.doses, l.day from ordering_order_line l where l.order_id = o.id
                 except
                 select l.product, l.location, l.doses, l.day
                   from unnest(s.line_product, s.line_location, s.line_doses, s.line_day)
                          l(product, location, doses, day))) x) d on true
     where s.state = 'open' and (o.id is null or today > ordering_last_free_day_v1(s.campaign_id, d.first_day))
     order by s.id limit p_limit
  loop
    perform ordering_settle_swap_v1(
      stale.id, case when stale.is_overtaken then 'overtaken' else 'lapsed' end, p_mail_domain);
    tidied := tidied + 1;
  end loop;
  return tidied;
end $$;
