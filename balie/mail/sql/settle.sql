-- Write what became of mails. Whoever was too late, its mail taken again since, changes nothing: worker and attempt guard.
update mail_outbox m
set state = s.state,
    sent_at = case when s.state = 'sent' then now() end,
    undelivered_at = case when s.state = 'failed' then now() end,
    next_attempt_at = case when s.state = 'queued' then now() + s.wait_s * interval '1 second' else m.next_attempt_at end,
    body = case when s.state = 'queued' then m.body end,
    answer = s.answer,
    taken_by = '',
    taken_until = null
from (
    select u.id, u.attempt, u.wait_s, u.answer,
           case when u.state = 'queued' and o.requested_at < now() - %(give_up_s)s * interval '1 second'
                then 'failed' else u.state end as state
    from unnest(%(ids)s::bigint[], %(attempts)s::int[], %(states)s::text[], %(waits_s)s::float8[], %(answers)s::text[])
         as u(id, attempt, state, wait_s, answer)
    join mail_outbox o on o.id = u.id
) s
where m.id = s.id
  and m.state = 'queued'
  and m.taken_by = %(worker)s
  and m.attempts = s.attempt
returning m.id, m.state
