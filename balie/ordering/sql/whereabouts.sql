-- Where a practice stands in a campaign: everybody's first page asks, so in one statement.
select exists (select from ordering_order where campaign_id = %(campaign)s and practice_id = %(practice)s
                and slot = 0) as has_ordered,
       exists (
         select from ordering_hold
          where campaign_id = %(campaign)s and practice_id = %(practice)s and slot = 0 and state = 'held'
            and expires_at > service_now()
       ) as has_live_hold,
       exists (select from waitingroom_ticket where room_id = %(room)s and holder = %(practice)s) as has_ticket,
       exists (
         select from ordering_swap
          where campaign_id = %(campaign)s and practice_id = %(practice)s and number = '' and state in ('open', 'offered')
       ) as has_wish
