-- The delivery days of a campaign for whoever brings things: what is ordered, and the last file of each with what it has.
-- `changed`: orders of the day are no longer what that file says.
with ordered as materialized (
  select o.number, l.day, l.address, array_agg(l.product_id order by l.product_id) as products,
         array_agg(l.doses order by l.product_id) as doses
    from ordering_order o
   cross join lateral (
     select x.day, x.address, x.product_id, sum(x.doses)::int as doses
       from ordering_order_line x where x.order_id = o.id group by x.day, x.address, x.product_id) l
   where o.campaign_id = %(campaign)s
   group by o.number, l.day, l.address),
handed as materialized (
  select c.number, c.day, c.address, c.line_product as products, c.line_doses as doses
    from ordering_consignment c where c.campaign_id = %(campaign)s and not c.withdrawn),
different as (
  select day from ((table ordered except table handed) union all (table handed except table ordered)) d)
select d.day, coalesce(o.stops, 0) as stops, coalesce(o.doses, 0) as doses,
       ordering_last_free_day_v1(d.campaign_id, d.day) as last_free, f.version, f.made_at,
       coalesce(h.stops, 0) as handed_stops, coalesce(h.doses, 0) as handed_doses,
       f.version is not null and d.day in (select day from different) as changed
  from ordering_delivery_day d
  left join (select day, count(*)::int as stops, sum((select sum(x) from unnest(doses) x))::int as doses
               from ordered group by day) o on o.day = d.day
  left join (select day, count(*)::int as stops, sum((select sum(x) from unnest(doses) x))::int as doses
               from handed group by day) h on h.day = d.day
  left join lateral (
    select x.version, x.made_at from ordering_day_file x
     where x.campaign_id = d.campaign_id and x.day = d.day order by x.version desc limit 1) f on true
 where d.campaign_id = %(campaign)s and (o.day is not null or f.version is not null)
 order by d.day
