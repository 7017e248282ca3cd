-- How the mails of one kind that were written since a moment stand.
select count(*) as expected,
       count(*) filter (where state in ('sent', 'bounced')) as accepted,
       count(*) filter (where state = 'queued') as waiting,
       count(*) filter (where state = 'failed') as failed,
       coalesce(extract(epoch from now() - min(created_at) filter (where state = 'queued')), 0)::float8 as oldest_s
from mail_outbox
where kind = %(kind)s
  and created_at >= %(since)s
