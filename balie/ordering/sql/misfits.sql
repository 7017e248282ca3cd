-- Practices whose order, or what they put ready, the rules in force now would refuse; with the first thing that is wrong.
with asked as (
  select 'prepared' as what, p.practice_id as practice, 0::smallint as slot,
         array_agg(l.product_id order by l.id) as products, array_agg(l.location_id order by l.id) as locations,
         array_agg(l.doses::bigint order by l.id) as doses, array_agg(null::date) as days,
         (select array_agg(w.day order by w.rank) from ordering_ranked_day w where w.prepared_id = p.id) as wishes
    from ordering_prepared_order p
    join ordering_prepared_line l on l.prepared_id = p.id
   where p.campaign_id = %(campaign)s
     and not exists (select from ordering_order o where o.campaign_id = p.campaign_id and o.practice_id = p.practice_id)
   group by p.id
  union all
  select 'placed', o.practice_id, o.slot,
         array_agg(l.product_id order by l.id), array_agg(l.location_id order by l.id),
         array_agg(l.doses::bigint order by l.id), array_agg(l.day order by l.id), '{}'
    from ordering_order o
    join ordering_order_line l on l.order_id = o.id
   where o.campaign_id = %(campaign)s
   group by o.id
), judged as (
  select a.what, a.practice,
         (ordering_check_lines_v1(
            %(campaign)s, array[a.practice], array[1], array[cardinality(a.products)],
            a.products, a.locations, a.doses, a.days,
            array[1], array[coalesce(cardinality(a.wishes), 0)], a.wishes, array[a.slot]))[1] as wrong
    from asked a
)
select j.what, p.agb_code, p.name, wrong.code
  from judged j
  join practices_practice p on p.id = j.practice
  cross join lateral (
    select e->>'code' as code
      from jsonb_array_elements(j.wrong) e
     where e->>'code' in ('product', 'minimum', 'step', 'cap')
     limit 1) wrong
 order by p.name, p.id
