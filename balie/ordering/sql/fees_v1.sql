-- What practices owe for deliveries, late changes and deliveries that were offered again: by the campaign's rules, from what
-- stands. Nothing is booked, so nothing can be booked twice.

-- Of one practice, or of all: a row for each stop of the lorry, each request that was granted late, and each attempt after a
-- first one. `nth` counts stops of a practice, and attempts of a delivery; what is still free costs 0. Orders that go to one
-- address on one day are one stop. `day` is when it came or will, or when the request was granted.
create function ordering_fees_v1(p_campaign bigint, p_practice bigint)
returns table (practice bigint, kind text, number text, day date, address text, nth int, cents int)
language sql stable as $$
  with stops as (
    select o.practice_id as practice, min(o.number) as number, l.day, l.address
      from ordering_order o
     cross join lateral (
       select x.day, x.address from ordering_order_line x where x.order_id = o.id offset 0) l
     where o.campaign_id = p_campaign and (p_practice is null or o.practice_id = p_practice)
     group by o.practice_id, l.day, l.address
  ), counted as (
    select s.*, (row_number() over (partition by s.practice order by s.day, s.address))::int as nth from stops s
  ), attempts as (
    select c.practice_id as practice, c.number, m.day, c.address,
           1 + (row_number() over (partition by m.consignment_id order by m.day))::int as nth
      from ordering_consignment c
      join ordering_missed_delivery m on m.consignment_id = c.id
     where c.campaign_id = p_campaign and (p_practice is null or c.practice_id = p_practice)
  )
  select s.practice, 'delivery', s.number, s.day, s.address, s.nth,
         case when s.nth > c.free_deliveries then c.delivery_fee_cents else 0 end
    from counted s join ordering_campaign c on c.id = p_campaign
  union all
  select r.practice_id, 'late_' || r.kind, r.number, (r.decided_at at time zone 'Europe/Amsterdam')::date, '', null,
         r.fee_cents
    from ordering_late_request r
   where r.campaign_id = p_campaign and r.state = 'granted' and (p_practice is null or r.practice_id = p_practice)
  union all
  select a.practice, 'attempt', a.number, a.day, a.address, a.nth,
         case when a.nth > c.free_attempts then c.attempt_fee_cents else 0 end
    from attempts a join ordering_campaign c on c.id = p_campaign
$$;
