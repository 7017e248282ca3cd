-- E-consults: when their conversations close, and who waits.

-- Whether a conversation takes messages at this moment: five minutes after its e-consult was closed it takes none.
create function consult_accepts_v1(p_group bigint, p_at timestamptz) returns boolean
language sql stable as $$
  select not exists (
    select from consult_econsult e where e.group_id = p_group and e.closed_at + interval '5 minutes' <= p_at)
$$;

-- The switch that keeps patients of a practice from sending an e-consult, or null.
create function consult_econsult_closed_v1(p_practice bigint) returns bigint
language sql stable as $$
  select coalesce(practices_function_closed_v1('econsult', p_practice, null),
                  practices_function_closed_v1('conversations', p_practice, null))
$$;

-- Whom a practice phones when its e-consults are closed: patients whose e-consult nobody has. Called by
-- practices_switch_settle_v1.
create function calls_econsult_v1(p_practice bigint, p_campaign bigint)
returns table (practice bigint, name text, phone text, why text, since timestamptz)
language sql stable as $$
  select e.practice_id, p.name, '', 'unread', min(e.arrived_at)
    from consult_econsult e
    join consult_identity i on i.id = e.patient_id
    join practices_person p on p.id = i.person_id
   where e.holder_id is null and e.closed_at is null and (p_practice is null or e.practice_id = p_practice)
   group by e.practice_id, p.id, p.name
   order by min(e.arrived_at)
$$;
