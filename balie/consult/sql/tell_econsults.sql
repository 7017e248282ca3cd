-- E-consults whose time is over and that nobody closed: each of the team is mailed, once. Who finds a row taken leaves it to the
-- other.
with found as materialized (
  select e.id, e.team_id from consult_econsult e
   where e.closed_at is null and e.moved_at is null and e.reminded_at is null and e.due_at <= clock_timestamp()
   order by e.due_at limit %(most)s for no key update skip locked
), marked as (
  update consult_econsult e set reminded_at = clock_timestamp() from found f where e.id = f.id
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select %(late)s, f.id || ':' || i.id, p.email, gen_random_uuid() || '@' || %(mail_domain)s
    from found f
    join consult_member t on t.group_id = f.team_id
    join consult_identity i on i.id = t.identity_id
    join practices_person p on p.id = i.person_id and p.is_active
   where not practices_is_software_v1(p.id)
  returning kind
)
select count(*) from mailed
