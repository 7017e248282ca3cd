-- Whom the organiser phones when ordering is closed: practices that put an order ready and have none, in campaigns that
-- are open (or this one). Called by practices_switch_settle_v1.
create function calls_ordering_v1(p_practice bigint, p_campaign bigint)
returns table (practice bigint, name text, phone text, why text, since timestamptz)
language sql stable as $$
  select null::bigint, h.name, h.phone, 'prepared', min(p.saved_at)
    from ordering_prepared_order p
    join ordering_campaign c on c.id = p.campaign_id
    join practices_practice h on h.id = p.practice_id
   where (p_practice is null or p.practice_id = p_practice)
     and case when p_campaign is null
              then c.trial_of_id is null and clock_timestamp() between c.opens_at and c.closes_at
              else c.id = p_campaign end
     and not exists (
       select from ordering_order o where o.campaign_id = p.campaign_id and o.practice_id = p.practice_id)
   group by h.id
   order by h.name
$$;
