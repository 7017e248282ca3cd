-- A page of orders with what each has, the latest first: those that `words` find by their practice, in one state and one
-- campaign where these are asked. `most` of them after the order `key`, or before it, and then backwards. Orders with one
-- of `ids` come before all others on the first page. A trial's orders are found by number only. Each way of asking is a
-- branch of its own: the planner drops those that were not asked, and goes by the index that fits the one that was.
with orders as not materialized (
  select o.id, o.number, o.campaign_id, o.practice_id, o.slot, o.placed_at, null::timestamptz as cancelled_at
    from ordering_order o
  union all
  select x.id, x.number, x.campaign_id, x.practice_id, x.slot, x.placed_at, x.cancelled_at from ordering_cancelled_order x),
real as not materialized (
  select o.* from orders o
    join ordering_campaign c on c.id = o.campaign_id and not c.is_probe and c.trial_of_id is null),
fitting as not materialized (
  select o.* from real o
   where (%(campaign)s::bigint is null or o.campaign_id = %(campaign)s)
     and (%(state)s <> 'standing' or o.cancelled_at is null)
     and (%(state)s <> 'cancelled' or o.cancelled_at is not null)
     and (%(state)s <> 'asked'
          or o.number in (select r.number from ordering_late_request r where r.state = 'open'))
     and o.id <> all(%(ids)s::bigint[]) and not %(number_only)s),
matching as not materialized (
  select f.* from fitting f
    join practices_search s on s.practice_id = f.practice_id and s.document @@ practices_query_v1(%(words)s)),
page as (
  (select f.*, 1 as called from fitting f
    where %(words)s = '' and not %(back)s and (%(key)s::bigint is null or f.id < %(key)s)
    order by f.id desc limit %(most)s)
  union all
  (select f.*, 1 from fitting f where %(words)s = '' and %(back)s and f.id > %(key)s order by f.id limit %(most)s)
  union all
  (select m.*, 1 from matching m
    where %(words)s <> '' and not %(back)s and (%(key)s::bigint is null or m.id < %(key)s)
    order by m.id desc limit %(most)s)
  union all
  (select m.*, 1 from matching m where %(words)s <> '' and %(back)s and m.id > %(key)s order by m.id limit %(most)s)
  union all
  (select o.*, 0 from orders o where %(key)s::bigint is null and o.id = any(%(ids)s::bigint[])))
select p.id, p.number, p.slot, p.placed_at, p.cancelled_at, c.slug, c.name as campaign, q.agb_code, q.name as practice,
       exists (select from ordering_late_request r where r.number = p.number and r.state = 'open') as asked,
       l.first_day, l.last_day, l.doses, l.cities
  from page p
  join ordering_campaign c on c.id = p.campaign_id and not c.is_probe
  join practices_practice q on q.id = p.practice_id
 cross join lateral (
   select min(x.day) as first_day, max(x.day) as last_day, sum(x.doses)::int as doses,
          array_agg(distinct substring(x.address from '[1-9][0-9]{3} [A-Z]{2} (.*)$')) as cities
     from (select l.day, l.doses, l.address from ordering_order_line l where l.order_id = p.id
           union all
           select u.day, u.doses, u.address
             from ordering_cancelled_order x
            cross join lateral unnest(x.line_day, x.line_doses, x.line_address) u(day, doses, address)
            where p.cancelled_at is not null and x.id = p.id) x) l
 order by p.called, case when %(back)s then p.id else -p.id end
