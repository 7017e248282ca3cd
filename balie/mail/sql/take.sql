-- Take due mails for one worker in one short statement: no transaction stays open while SMTP runs.
with due as (
    select id
    from mail_outbox
    where state = 'queued'
      and next_attempt_at <= now()
      and (taken_until is null or taken_until < now())
      and kind = any(%(kinds)s)
    order by next_attempt_at, id
    limit %(room)s
    for update skip locked
)
update mail_outbox m
set taken_by = %(worker)s,
    taken_until = now() + %(lease_s)s * interval '1 second',
    attempts = m.attempts + 1
from due
where m.id = due.id
returning m.id, m.kind, m.reference, m.recipient, m.message_id, m.body, m.attempts as attempt, m.round, m.created_at, m.trace
