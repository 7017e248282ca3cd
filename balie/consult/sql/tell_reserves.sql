-- Reserves of which a drill is due, or that were used: the GPs and managers of the practice are told, or who made it where
-- the team is of no practice; again each month until it is done. Who finds a row taken leaves it to the other.
with found as materialized (
  select r.id, r.made_by_id, n.practice_id
    from consult_reserve r left join consult_team_name n on n.group_id = r.group_id
   where r.replaced_at is null and (consult_drill_due_v1(r.id) <= clock_timestamp() or r.used_at is not null)
     and (r.chased_at is null or r.chased_at <= clock_timestamp() - interval '30 days')
   order by r.id limit %(most)s for no key update of r skip locked
), marked as (
  update consult_reserve r set chased_at = clock_timestamp() from found f where r.id = f.id
), concerned as (
  select f.id, m.person_id from found f
    join practices_membership m on m.practice_id = f.practice_id and m.role = any (%(roles)s::text[])
   union
  select f.id, i.person_id from found f join consult_identity i on i.id = f.made_by_id where f.practice_id is null
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select %(kind)s, c.id || ':' || c.person_id, p.email, gen_random_uuid() || '@' || %(mail_domain)s
    from concerned c join practices_person p on p.id = c.person_id and p.is_active
  returning reference
)
select count(*) from mailed
