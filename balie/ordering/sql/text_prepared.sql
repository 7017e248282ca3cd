-- Queue a text message about each prepared order that this transaction placed, or could not place for the first time, to
-- the practices that want one. now() is when the transaction began.
insert into sms_outbox (kind, reference, once, recipient)
select t.kind, t.reference, t.kind || ':' || t.occasion, p.mobile
  from (select 'order_placed' as kind, o.number as reference, o.number as occasion, o.practice_id
          from ordering_order o
         where o.campaign_id = %(campaign)s and o.practice_id = any(%(practices)s)
           and o.placed_by_id is null and o.placed_at >= now()
         union all
        select 'prepared_not_placed', r.id::text, r.id || '.' || floor(1000 * extract(epoch from r.failed_at)),
               r.practice_id
          from ordering_prepared_order r
         where r.campaign_id = %(campaign)s and r.practice_id = any(%(practices)s) and r.failed_at >= now()) t
  join practices_practice p on p.id = t.practice_id
 where p.mobile <> ''
on conflict (once) do nothing
