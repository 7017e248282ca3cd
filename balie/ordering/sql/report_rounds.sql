-- The rounds of a campaign's room: who came, who was called and who ordered of each, and how long they waited for their
-- turn from the opening, or from when they came.
select d.position, d.name, d.draw_at,
       count(t.id) as arrivals, count(t.called_at) as called, count(o.id) as orders,
       percentile_cont(array[0.5, 0.9, 1]) within group (
         order by extract(epoch from t.called_at - greatest(t.arrived_at, d.draw_at)))
         filter (where t.called_at is not null) as to_turn_s
  from ordering_campaign c
  join waitingroom_round d on d.room_id = c.room_id
  left join waitingroom_ticket t on t.room_id = d.room_id and t.round = d.position
  left join ordering_order o on o.campaign_id = c.id and o.practice_id = t.holder and o.slot = 0
 where c.id = %(campaign)s
 group by d.id
 order by d.position
