-- Which orders a practice may have in a campaign beside its first: a pre-delivery, and re-orders.

-- An order stands in a slot of its practice and campaign: 0 is the first order, 1 the pre-delivery, and from 2 on come the
-- re-orders, one after the other. Each slot has a hold row and at most one order.
create function ordering_slot_kind_v1(p_slot int) returns text language sql immutable as $$
  select case p_slot when 0 then 'first' when 1 then 'pre_delivery' else 'reorder' end
$$;

-- Why the practice may not hold or order in this slot at that moment; null where it may. Outcomes of docs/spec/live.md:
-- no_first, where no first order stands: whoever has one has been through the waiting room; not_offered, where the
-- campaign has no such orders, has no more of them, or a re-order before it is still to be made; not_open; closed.
create function ordering_slot_refusal_v1(p_campaign bigint, p_practice bigint, p_slot int, p_at timestamptz)
returns text language sql stable as $$
  select case
           when s.opens_at is null or p_slot - 1 > s.most then 'not_offered'
           when not exists (
             select from ordering_hold h
              where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0 and h.state = 'ordered')
             then 'no_first'
           when p_at < s.opens_at then 'not_open'
           when p_at >= s.closes_at then 'closed'
           when p_slot - 2 > (
             select count(*) from ordering_hold h
              where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot between 2 and p_slot - 1
                and h.state = 'ordered')
             then 'not_offered' end
    from (select case p_slot when 1 then c.early_opens_at else c.reorders_open_at end as opens_at,
                 case p_slot when 1 then c.early_closes_at else c.reorders_close_at end as closes_at,
                 case p_slot when 1 then 0 else c.reorders_most end as most
            from ordering_campaign c where c.id = p_campaign) s
   where p_slot > 0
$$;
