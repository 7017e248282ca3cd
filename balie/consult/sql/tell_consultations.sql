-- Consultaties whose time is nearly over, or over: who must answer is told once before it, and after it once again, with
-- the whole team (of who was asked by themselves: who is in a team with them) and who asked. Past its time only the second is sent. Who finds a row taken leaves it to the other.
with found as materialized (
  select c.id, c.group_id, c.team_id, c.holder_id, c.asked_by_id, c.due_at <= clock_timestamp() as late
    from consult_consultation c
   where c.concluded_at is null and c.withdrawn_at is null and c.warn_at <= clock_timestamp()
     and (c.warned_at is null or c.escalated_at is null and c.due_at <= clock_timestamp())
   order by c.warn_at limit %(most)s for no key update skip locked
), marked as (
  update consult_consultation c
     set warned_at = coalesce(c.warned_at, clock_timestamp()),
         escalated_at = case when f.late then clock_timestamp() end
    from found f where c.id = f.id
), concerned as (
  select f.id, f.late, f.group_id, f.holder_id as identity_id from found f
   union
  select f.id, f.late, f.group_id, t.identity_id
    from found f join consult_member t on t.group_id = f.team_id
   where f.late or f.holder_id is null
      or not exists (select from consult_identity h where h.id = f.holder_id and consult_belongs_v1(f.group_id, h.person_id))
   union
  select f.id, f.late, f.group_id, b.identity_id
    from found f join consult_member a on a.identity_id = f.holder_id and f.team_id is null and f.late
    join consult_group g on g.id = a.group_id and g.kind = 'team'
    join consult_member b on b.group_id = a.group_id
   union
  select f.id, f.late, f.group_id, f.asked_by_id from found f where f.late
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select case when c.late then %(late)s else %(soon)s end, c.id || ':' || c.identity_id, p.email,
         gen_random_uuid() || '@' || %(mail_domain)s
    from concerned c
    join consult_identity i on i.id = c.identity_id
    join practices_person p on p.id = i.person_id and p.is_active
   where consult_belongs_v1(c.group_id, p.id) and not practices_is_software_v1(p.id)
  returning kind
)
select count(*) filter (where m.kind = %(soon)s), count(*) filter (where m.kind = %(late)s) from mailed m
