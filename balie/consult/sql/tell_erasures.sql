-- Requests of patients to destroy a conversation that must be decided soon and nobody decided: whoever may decide is mailed,
-- once. Three months after it came (art. 7:455 lid 1 BW), in Amsterdam. Who finds a row taken leaves it to the other.
with found as materialized (
  select e.id, e.practice_id, e.asked_by_id from consult_erasure e
   where e.outcome = '' and e.ground = 'patient' and e.told_at is null
     and (e.received_on + interval '3 months' - make_interval(days => %(days)s)) at time zone 'Europe/Amsterdam'
         <= clock_timestamp()
   order by e.received_on limit %(most)s for no key update skip locked
), marked as (
  update consult_erasure e set told_at = clock_timestamp() from found f where e.id = f.id
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select distinct on (f.id, p.id) %(kind)s, f.id || ':' || p.id, p.email, gen_random_uuid() || '@' || %(mail_domain)s
    from found f
    join practices_membership m on m.practice_id = f.practice_id and m.role in ('gp', 'manager')
    join practices_person p on p.id = m.person_id and p.is_active
   where p.id <> f.asked_by_id
  returning kind
)
select count(*) from mailed
