-- What comes on a day, with the time that each practice hears: `told` is whether it was mailed, `lost` whether that mail
-- did not arrive; `without`: it hears none.
select s.id as delivery, s.number, p.name as practice, p.agb_code, p.phone, s.address, a.starts, a.ends,
       ordering_is_without_alert_v1(s.id) as without,
       coalesce(a.told > 0 and a.told_revision = a.revision, false) as told,
       exists (select from mail_outbox m
                where m.reference = 'alert:' || s.id || ':' || a.told and m.kind = 'pre_alert'
                  and m.undelivered_at is not null) as lost
  from ordering_consignment s
  join practices_practice p on p.id = s.practice_id
  left join ordering_pre_alert a on a.consignment_id = s.id
 where s.campaign_id = %(campaign)s and s.day = %(day)s and not s.withdrawn
 order by p.name, s.id
