-- Every delivery day of a campaign: limits, what is taken, and how much of that is only held and may come back.
with held as (
  select l.day, sum(l.doses) as doses, count(distinct l.location) as addresses
    from ordering_hold h
   cross join lateral unnest(h.line_day, h.line_doses, h.line_location) as l(day, doses, location)
   where h.campaign_id = %(campaign)s and h.state = 'held'
   group by l.day)
select d.day, d.doses_limit, d.doses_taken, coalesce(h.doses, 0)::int as doses_held,
       d.addresses_limit, d.addresses_taken, coalesce(h.addresses, 0)::int as addresses_held
  from ordering_delivery_day d left join held h on h.day = d.day
 where d.campaign_id = %(campaign)s
 order by d.day
