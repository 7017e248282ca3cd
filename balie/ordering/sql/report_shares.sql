-- What practices ordered for each hundred registered patients, by product: all of them together, the spread over
-- practices, and how many practices are in each step of five, of which the last goes on without end.
with ordered as materialized (
  select l.product_id, p.registered_count as registered, sum(l.doses) as doses
    from ordering_order o
    join ordering_order_line l on l.order_id = o.id
    join practices_practice p on p.id = o.practice_id
   where o.campaign_id = %(campaign)s and p.registered_count > 0
   group by l.product_id, p.id),
shares as materialized (
  select product_id, registered, doses, (100 * doses / registered)::float8 as share from ordered)
select r.name,
       count(s.share)::int as practices,
       coalesce(sum(s.doses), 0)::int as doses,
       coalesce(sum(s.registered), 0)::int as registered,
       percentile_cont(array[0.1, 0.5, 0.9]) within group (order by s.share) as spread,
       (select coalesce(json_agg(json_build_array(b.step, b.practices) order by b.step), '[]')
          from (select least(floor(x.share / 5), 20)::int as step, count(*) as practices
                  from shares x where x.product_id = r.id group by 1) b) as steps
  from ordering_product r
  left join shares s on s.product_id = r.id
 where r.campaign_id = %(campaign)s
 group by r.id
 order by r.position, r.id
