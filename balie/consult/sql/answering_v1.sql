-- Who may answer a consultatie beside who has it, and that withdrawing one is a change.

-- Colleagues: who is in the team that was asked; or, of one that was asked of a person and is past its time, who is in a
-- team with them. Whether they belong to the conversation is asked elsewhere.
create function consult_answers_v1(p_team bigint, p_holder text, p_due_at timestamptz, p_identity text) returns boolean
language sql volatile as $$
  select exists (select from consult_member t where t.group_id = p_team and t.identity_id = p_identity)
      or p_team is null and p_due_at <= clock_timestamp() and exists (
           select from consult_member a
             join consult_group g on g.id = a.group_id and g.kind = 'team'
             join consult_member b on b.group_id = a.group_id
            where a.identity_id = p_holder and b.identity_id = p_identity and p_identity <> p_holder)
$$;

-- As before, and a question that was withdrawn moved on too.
create or replace function consult_changed_v1(p_group bigint) returns timestamptz
language sql stable as $$
  select greatest(
    (select min(s.received_at) from consult_statement s where s.group_id = p_group),
    (select m.received_at from consult_group g join consult_message m on m.group_id = g.id and m.place = g.last
      where g.id = p_group),
    (select max(a.stored_at) from consult_attachment a where a.group_id = p_group),
    (select max(greatest(c.asked_at, c.picked_up_at, c.concluded_at, c.withdrawn_at)) from consult_consultation c
      where c.group_id = p_group),
    (select greatest(e.arrived_at, e.picked_up_at, e.closed_at) from consult_econsult e where e.group_id = p_group))
$$;
