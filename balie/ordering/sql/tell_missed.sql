-- Ordering has closed: whoever left it to Balie and has no order is told so, once, by mail and, where the caller says
-- so, by text message. A minute later, when nothing that was in time is under way any more; what closed longer ago than a
-- day is history.
with missed as (
  update ordering_prepared_order p set missed_at = clock_timestamp()
   where p.id in (
     select q.id
       from ordering_prepared_order q
       join ordering_campaign c on c.id = q.campaign_id
       join waitingroom_room r on r.id = c.room_id
      where r.closes_at < clock_timestamp() - interval '1 minute'
        and r.closes_at > clock_timestamp() - interval '1 day'
        and q.auto in ('one_day', 'parts') and q.missed_at is null
        and not exists (
          select from ordering_hold h
           where h.campaign_id = q.campaign_id and h.practice_id = q.practice_id and h.state in ('held', 'ordered'))
      order by q.id limit %(most)s
        for no key update of q skip locked)
  returning p.id, p.practice_id, p.missed_at
), logged as (
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  select m.missed_at, null, m.practice_id, 'prepared.missed', 'prepared:' || m.id, '', '{"auto": true}'::jsonb
    from missed m
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select 'prepared_missed', m.id::text, a.recipient, 'prepared-' || m.id || '.missed@' || %(mail_domain)s
    from missed m cross join lateral ordering_recipients_v1(m.practice_id) a(recipient)
  on conflict do nothing
), texted as (
  insert into sms_outbox (kind, reference, once, recipient)
  select 'prepared_missed', m.id::text, 'prepared_missed:' || m.id, p.mobile
    from missed m join practices_practice p on p.id = m.practice_id
   where p.mobile <> '' and %(texting)s
  on conflict (once) do nothing
)
select count(*) from missed
