-- Delivery days of a campaign with their limits, and what was ordered of each.
select d.day, d.doses_limit, d.addresses_limit, coalesce(g.doses, 0)::int as doses, coalesce(g.addresses, 0)::int as addresses
  from ordering_delivery_day d
  left join (select l.day, sum(l.doses) as doses, count(distinct l.location_id) as addresses
               from ordering_order o join ordering_order_line l on l.order_id = o.id
              where o.campaign_id = %(campaign)s group by l.day) g on g.day = d.day
 where d.campaign_id = %(campaign)s
 order by d.day
