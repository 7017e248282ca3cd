-- Practices that may hear the time of a delivery now, and have not heard this one yet, are mailed it, once.
-- Too late to tell: what has come, and what no longer comes.
with today as materialized (
  select now() at time zone 'Europe/Amsterdam' as now
), days as materialized (
  select c.id as campaign, d.day
    from ordering_campaign c
    join (select distinct s.campaign_id, s.day
            from ordering_pre_alert a join ordering_consignment s on s.id = a.consignment_id
           where a.told_revision < a.revision) d on d.campaign_id = c.id
   where ordering_working_day_before_v1(c.id, d.day, c.alert_days) <= (select t.now::date from today t)
), told as (
  update ordering_pre_alert p set told = p.told + 1, told_revision = p.revision
   where p.id in (
     select a.id
       from ordering_pre_alert a
       join ordering_consignment s on s.id = a.consignment_id
       join days d on d.campaign = s.campaign_id and d.day = s.day
      where a.told_revision < a.revision and not s.withdrawn and s.day + a.ends > (select t.now from today t)
        and not ordering_is_without_alert_v1(s.id)
      order by a.id limit %(most)s
        for no key update of a skip locked)
  returning p.consignment_id, p.told
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select 'pre_alert', 'alert:' || s.id || ':' || t.told, r.recipient,
         'alert.' || s.id || '.' || t.told || '@' || %(mail_domain)s
    from told t
    join ordering_consignment s on s.id = t.consignment_id
   cross join lateral ordering_recipients_v1(s.practice_id) r(recipient)
  on conflict do nothing
)
select count(*) from told
