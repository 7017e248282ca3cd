-- What happened in a campaign's night and stands in no log of acts: the first call, the first order and each thousandth,
-- days of which everything was ordered, and when the service clock stood still.
with campaign as (
  select c.id, c.room_id, c.closes_at, r.doors_at,
         (select min(ceil(greatest(p.minimum, 1)::numeric / p.step) * p.step) from ordering_product p
           where p.campaign_id = c.id) as lowest  -- with less than this left of a day nobody can order it
    from ordering_campaign c join waitingroom_room r on r.id = c.room_id where c.id = %(campaign)s),
orders as materialized (
  select o.id, o.placed_at, row_number() over (order by o.placed_at, o.id) as nth
    from ordering_order o where o.campaign_id = %(campaign)s),
lines as (
  select l.id, l.day, l.doses, o.placed_at,
         (row_number() over (partition by l.day, l.location_id order by o.placed_at, l.id) = 1)::int as new_address
    from orders o
   cross join lateral (  -- by their index, however many other years' lines there are
     select l.id, l.day, l.doses, l.location_id from ordering_order_line l where l.order_id = o.id offset 0) l),
taken as (
  select day, placed_at, sum(doses) over so_far as doses, sum(new_address) over so_far as addresses
    from lines window so_far as (partition by day order by placed_at, id))
select min(t.called_at) as at, 'first_call' as kind, null::int as count, null::date as day, null::timestamptz as until
  from campaign c join waitingroom_ticket t on t.room_id = c.room_id where t.called_at is not null having count(*) > 0
union all
select o.placed_at, 'orders', o.nth::int, null, null from orders o where o.nth = 1 or o.nth %% 1000 = 0
union all
select min(t.placed_at), 'day_full', null, t.day, null
  from campaign c
  join ordering_delivery_day d on d.campaign_id = c.id
  join taken t on t.day = d.day
 where d.doses_limit - t.doses < c.lowest or t.addresses >= d.addresses_limit
 group by t.day
union all
select s.began_at, 'still', null, null, s.ended_at
  from campaign c
  join runtime_standstill s on s.began_at between c.doors_at and c.closes_at and s.ended_at - s.began_at >= interval '1 second'
union all
select k.advanced_at + interval '2 seconds', 'still', null, null, null
  from campaign c join runtime_clock k on service_still() and k.advanced_at between c.doors_at and c.closes_at
 order by 1
