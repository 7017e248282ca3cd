-- What each delivery day has room for, as the practice with this order would find it: what it has there itself counts as
-- free. Days that are for other kinds of orders are left out. And until when an order for that day may be changed for nothing.
with own as (
  select l.day, l.location, sum(l.doses) as doses, count(*) as uses
    from ordering_hold h
   cross join lateral unnest(h.line_day, h.line_location, h.line_doses) l(day, location, doses)
   where h.campaign_id = %(campaign)s and h.practice_id = %(practice)s and h.slot = %(slot)s
     and h.state = 'ordered'
   group by l.day, l.location
), given_back as (
  select o.day, sum(o.doses)::int as doses, (count(*) filter (where s.uses = o.uses))::int as addresses
    from own o
    left join ordering_stop s
           on s.campaign_id = %(campaign)s and s.location_id = o.location and s.day = o.day
   group by o.day)
select d.day, d.doses_limit - d.doses_taken + coalesce(g.doses, 0) as doses,
       d.addresses_limit - d.addresses_taken + coalesce(g.addresses, 0) as addresses,
       ordering_last_free_day_v1(d.campaign_id, d.day) as last_free
  from ordering_delivery_day d
  join ordering_campaign c on c.id = d.campaign_id
  left join given_back g on g.day = d.day
 where d.campaign_id = %(campaign)s
   and (c.early_until is null or (d.day <= c.early_until) = (%(slot)s = 1) or g.day is not null)
 order by d.day
