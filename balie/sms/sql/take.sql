-- Take due texts for one worker in one short statement: no transaction stays open while the gateway thinks.
with due as (
    select id
    from sms_outbox
    where state = 'queued'
      and next_attempt_at <= now()
      and (taken_until is null or taken_until < now())
      and kind = any(%(kinds)s)
    order by next_attempt_at, id
    limit %(room)s
    for update skip locked
)
update sms_outbox t
set taken_by = %(worker)s,
    taken_until = now() + %(lease_s)s * interval '1 second',
    attempts = t.attempts + 1
from due
where t.id = due.id
returning t.id, t.kind, t.reference, t.recipient, t.attempts as attempt,
          t.attempts > %(most_attempts)s or t.created_at < now() - %(give_up_s)s * interval '1 second' as too_late
