-- Where a practice stands in a campaign: its ticket, and of one slot its hold and order, with the clock they are judged by; and whether Balie
-- orders for it.
select t.now, service_still() as still, c.window_s,
       k.id as ticket, k.round, k.arrived_at, k.number, coalesce(k.number <= r.called, false) as called,
       h.state, h.hold_key, h.expires_at, h.version, h.line_product, h.line_location, h.line_doses, h.line_day,
       o.number as order_number, o.placed_at, coalesce(h.blocked, false) as blocked, p.auto, p.failed_at
  from (select service_now() as now offset 0) t
 cross join ordering_campaign c
  join waitingroom_room r on r.id = c.room_id
  left join waitingroom_ticket k on k.room_id = c.room_id and k.holder = %(practice)s
  left join ordering_hold h on h.campaign_id = c.id and h.practice_id = %(practice)s and h.slot = %(slot)s
  left join ordering_prepared_order p
         on p.campaign_id = c.id and p.practice_id = %(practice)s and p.auto in ('one_day', 'parts')
  left join ordering_order o on o.campaign_id = c.id and o.practice_id = %(practice)s and o.slot = %(slot)s
 where c.id = %(campaign)s
