-- Where a campaign's vaccines go, by the first digit of the postcode that stands in the address of each line; '' where
-- there is none in it.
select coalesce(substring(l.address from '([1-9])[0-9]{3} [A-Z]{2}'), '') as digit,
       sum(l.doses)::int as doses,
       count(distinct o.practice_id)::int as practices,
       count(distinct (l.day, l.address))::int as deliveries
  from ordering_order o join ordering_order_line l on l.order_id = o.id
 where o.campaign_id = %(campaign)s
 group by 1
 order by 1
