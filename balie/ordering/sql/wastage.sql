-- What came to practices of each product until a day, and what they accounted for. Without a word of the practice what
-- was handed over counts as come; what lay apart because it was too warm or too cold counts apart.
with came as (
  select s.practice_id, l.product,
         sum(case when i.id is null then l.doses when i.cold = 'broken' then 0 else coalesce(x.received - x.damaged, 0) end)::int
           as received,
         sum(case when i.cold = 'broken' then coalesce(x.received - x.damaged, 0) else 0 end)::int as apart
    from ordering_consignment s
   cross join lateral unnest(s.line_product, s.line_doses) l(product, doses)
    left join ordering_intake i on i.consignment_id = s.id
    left join ordering_intake_line x on x.intake_id = i.id and x.product_id = l.product
   where s.campaign_id = %(campaign)s and not s.withdrawn and s.day <= %(today)s
     and (%(practice)s::bigint is null or s.practice_id = %(practice)s)
   group by s.practice_id, l.product)
select c.practice_id as practice, p.name, p.agb_code, p.phone, p.kind, c.product,
       coalesce(w.received, c.received) as received, coalesce(w.apart, c.apart) as apart, a.sent_at, w.carried, w.administered, w."left", w.expired, w.wasted, w.allowed, w.charged,
       w.price_cents
  from came c
  join practices_practice p on p.id = c.practice_id
  join ordering_product q on q.id = c.product
  left join ordering_wastage_account a on a.campaign_id = %(campaign)s and a.practice_id = c.practice_id
  left join ordering_wastage_line w on w.account_id = a.id and w.product_id = c.product
 order by p.name, c.practice_id, q.position
