-- Write what became of a telling. Whoever was too late, it being taken again since, changes nothing.
update practices_webhook_delivery
   set state = %(state)s,
       settled_at = case when %(state)s <> 'queued' then now() end,
       next_attempt_at = now() + make_interval(secs => %(wait_s)s),
       answer = %(answer)s,
       taken_by = '',
       taken_until = null
 where id = %(id)s and state = 'queued' and taken_by = %(worker)s and attempts = %(attempt)s
