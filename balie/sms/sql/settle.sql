-- Write what became of a text. Whoever was too late, its text taken again since, changes nothing: worker and attempt
-- guard.
update sms_outbox
set state = %(state)s,
    settled_at = case when %(state)s <> 'queued' then now() end,
    next_attempt_at = now() + %(wait_s)s * interval '1 second',
    answer = %(answer)s,
    taken_by = '',
    taken_until = null
where id = %(id)s
  and state = 'queued'
  and taken_by = %(worker)s
  and attempts = %(attempt)s
returning id
