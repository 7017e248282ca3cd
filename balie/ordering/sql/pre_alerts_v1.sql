-- Before a delivery: which day is so many working days before it, and which consignments get no pre-alert.

-- As the campaign counts working days.
create function ordering_working_day_before_v1(p_campaign bigint, p_day date, p_count int) returns date
language sql stable as $$
  select case
           when p_count = 0 then p_day
           else (select d.day
                   from (select p_day - n as day from generate_series(1, 7 * p_count + 30) n) d
                  where extract(isodow from d.day) < 6 and d.day <> all(c.holidays)
                  order by d.day desc offset p_count - 1 limit 1) end
    from ordering_campaign c where c.id = p_campaign
$$;

-- Whether what comes was changed, with leave of the organiser, after its day was handed over, where the campaign tells
-- those no time.
create function ordering_is_without_alert_v1(p_consignment bigint) returns boolean language sql stable as $$
  select c.late_without_alert and exists (
           select from ordering_late_request r
            where r.practice_id = s.practice_id and r.number = s.number and r.kind = 'change' and r.state = 'granted'
              and r.decided_at > (select min(f.made_at) from ordering_day_file f
                                   where f.campaign_id = s.campaign_id and f.day = s.day))
    from ordering_consignment s join ordering_campaign c on c.id = s.campaign_id
   where s.id = p_consignment
$$;
