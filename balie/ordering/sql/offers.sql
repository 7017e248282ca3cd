-- Which orders a practice could add in a campaign: its pre-delivery, and the first re-order that it does not have yet. With
-- why not now, if not, and from when until when.
select s.slot, ordering_slot_refusal_v1(c.id, %(practice)s, s.slot, clock_timestamp()) as refusal,
       case s.slot when 1 then c.early_opens_at else c.reorders_open_at end as opens_at,
       case s.slot when 1 then c.early_closes_at else c.reorders_close_at end as closes_at
  from ordering_campaign c
 cross join lateral (
   select 1 as slot
   union all
   select min(n) from generate_series(2, c.reorders_most + 2) n
    where not exists (
      select from ordering_order o where o.campaign_id = c.id and o.practice_id = %(practice)s and o.slot = n)) s
 where c.id = %(campaign)s
   and not exists (
     select from ordering_order o where o.campaign_id = c.id and o.practice_id = %(practice)s and o.slot = s.slot)
 order by s.slot
