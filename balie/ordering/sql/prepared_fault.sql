-- A fault of ours kept a prepared order from being placed: its practice is told once, as when nothing was free.
with failed as (
  update ordering_prepared_order set failed_at = clock_timestamp(), failure = 'fault'
   where campaign_id = %(campaign)s and practice_id = %(practice)s and failed_at is null
  returning id, campaign_id, practice_id, failed_at
), seen as (
  update ordering_hold h set version = h.version + 1
    from failed f where h.campaign_id = f.campaign_id and h.practice_id = f.practice_id
), logged as (
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  select f.failed_at, null, f.practice_id, 'prepared.not_placed', 'prepared:' || f.id, '',
         '{"auto": true, "outcome": "fault"}'::jsonb
    from failed f
)
insert into mail_outbox (kind, reference, recipient, message_id)
select 'prepared_not_placed', f.id::text, a.recipient,
       'prepared-' || f.id || '.' || floor(1000 * extract(epoch from f.failed_at)) || '@' || %(mail_domain)s
  from failed f cross join lateral ordering_recipients_v1(f.practice_id) a(recipient)
