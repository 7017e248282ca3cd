-- Write that a mail came back. It may do so before the worker knows that it was accepted; the worker's word then comes
-- too late. What is known already, or was asked for again since, stays.
update mail_outbox
set state = 'bounced',
    sent_at = coalesce(sent_at, now()),
    undelivered_at = now(),
    body = null,
    answer = %(answer)s,
    taken_by = '',
    taken_until = null
where id = %(mail)s
  and round = %(round)s
  and attempts > 0
  and state in ('sent', 'queued')
returning id
