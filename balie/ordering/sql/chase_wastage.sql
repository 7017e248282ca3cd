-- Practices that have not accounted for their doses are mailed so many days before the last day, once for each of these.
with today as materialized (
  select (now() at time zone 'Europe/Amsterdam')::date as day
), stage as (
  select c.id as campaign, min(n.days) as days
    from ordering_campaign c cross join today t cross join lateral unnest(c.wastage_chase) n(days)
   where c.trial_of_id is null and not c.is_probe and t.day between c.wastage_due - n.days and c.wastage_due
   group by c.id
), due as (
  select distinct g.campaign, s.practice_id as practice,
         'wastage:' || g.campaign || ':' || s.practice_id || ':' || g.days as reference
    from stage g
    join ordering_consignment s on s.campaign_id = g.campaign and not s.withdrawn and s.day <= (select day from today)
   where not exists (
           select from ordering_wastage_account a where a.campaign_id = g.campaign and a.practice_id = s.practice_id)
     and not exists (
           select from mail_outbox m
            where m.reference = 'wastage:' || g.campaign || ':' || s.practice_id || ':' || g.days)
   order by practice limit %(most)s
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select 'wastage_due', d.reference, r.recipient, replace(d.reference, ':', '.') || '@' || %(mail_domain)s
    from due d cross join lateral ordering_recipients_v1(d.practice) r(recipient)
  on conflict do nothing
  returning 1
)
select count(*) from mailed
