-- What comes of an order, as it was handed to whoever brings it; with the time, where there is one and it may be told.
-- `told_on` is the day on which the practice hears it; `said`: it said what came.
select s.id as delivery, s.day, s.address, w.without, ordering_working_day_before_v1(c.id, s.day, c.alert_days) as told_on,
       case when not w.without then a.starts end as starts, case when not w.without then a.ends end as ends,
       exists (select from ordering_intake i where i.consignment_id = s.id) as said
  from ordering_consignment s
  join ordering_campaign c on c.id = s.campaign_id
  left join ordering_pre_alert a on a.consignment_id = s.id
 cross join lateral (select ordering_is_without_alert_v1(s.id) as without) w
 where s.campaign_id = %(campaign)s and s.practice_id = %(practice)s and s.number = %(number)s and not s.withdrawn
 order by s.day, s.address, s.id
