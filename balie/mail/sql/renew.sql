-- Keep the mails a living worker is still busy with.
update mail_outbox
set taken_until = now() + %(lease_s)s * interval '1 second'
where taken_by = %(worker)s
  and id = any(%(ids)s)
