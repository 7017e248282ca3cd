-- Practices that owe anything in a campaign, with how much for what: `most` of them after the practice `key`, or before it and
-- then backwards.
select p.id, p.agb_code, p.name, sum(f.cents)::int as cents,
       (sum(f.cents) filter (where f.kind = 'delivery'))::int as deliveries,
       (sum(f.cents) filter (where f.kind like 'late%%'))::int as late,
       (sum(f.cents) filter (where f.kind = 'attempt'))::int as attempts
  from ordering_fees_v1(%(campaign)s, null) f
  join practices_practice p on p.id = f.practice
 where (%(key)s::bigint is null or case when %(back)s then p.id < %(key)s else p.id > %(key)s end)
 group by p.id
having sum(f.cents) > 0
 order by case when %(back)s then -p.id else p.id end
 limit %(most)s
