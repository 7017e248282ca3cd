-- Take what is due for one worker, the oldest of each webhook: one that is slow, or has much to hear, delays no other.
with first as (
  select min(d.id) as id
    from practices_webhook_delivery d join practices_webhook w on w.id = d.webhook_id and w.ended_at is null
   where d.state = 'queued' and d.next_attempt_at <= now()
     and not exists (select from practices_webhook_delivery b
                      where b.webhook_id = d.webhook_id and b.state = 'queued' and b.taken_until >= now())
   group by d.webhook_id
   order by 1
   limit %(room)s
), due as (
  select d.id from practices_webhook_delivery d
   where d.id in (select f.id from first f)
     and d.state = 'queued' and (d.taken_until is null or d.taken_until < now())
   for update skip locked
)
update practices_webhook_delivery d
   set taken_by = %(worker)s, taken_until = now() + make_interval(secs => %(lease_s)s), attempts = d.attempts + 1
  from due, practices_webhook w, practices_practice p
 where d.id = due.id and w.id = d.webhook_id and p.id = w.practice_id
returning d.id, d.message, d.kind, d.subject, d.at, d.attempts, w.id, w.url, w.secret,
          case when w.old_until > now() then w.old_secret else '' end, p.agb_code
