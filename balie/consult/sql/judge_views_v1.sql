-- What a judge may read of conversations: all that the server has, and none of it readable. docs/spec/consult/server.md
-- describes the columns.

create schema consult_judge;

create view consult_judge.messages as
select g.name as conversation, m.id as message, m.place, d.identity_id as author, d.id as device, m.received_at, m.envelope
  from consult_message m
  join consult_group g on g.id = m.group_id
  join consult_device d on d.id = m.device_id;

create view consult_judge.members as
select g.kind, g.name as group_name, coalesce('person:' || m.identity_id, 'team:' || t.name) as member
  from consult_member m
  join consult_group g on g.id = m.group_id
  left join consult_group t on t.id = m.team_id;

create view consult_judge.sealed_keys as
select g.kind, g.name as group_name, k.name as key, coalesce('person:' || c.identity_id, 'team:' || t.name) as member,
       c.sealed, k.retired_at
  from consult_sealed_copy c
  join consult_group_key k on k.id = c.key_id
  join consult_group g on g.id = k.group_id
  left join consult_group t on t.id = c.team_id;

-- Lets the role balie_judge read these views, where there is such a role.
create procedure consult_judge.admit_v1() language plpgsql as $$
begin
  if exists (select from pg_roles where rolname = 'balie_judge') then
    grant usage on schema consult_judge to balie_judge;
    grant select on all tables in schema consult_judge to balie_judge;
  end if;
end $$;

call consult_judge.admit_v1();
