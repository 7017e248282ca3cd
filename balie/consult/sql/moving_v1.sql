-- E-consults of a post that closed go on at another, where it chose so; elsewhere their patients phone.

-- Whether an e-consult waits in a queue: nobody has it, and it has not gone on elsewhere.
create function consult_econsult_waits_v1(p_econsult consult_econsult) returns boolean
language sql immutable as $$
  select p_econsult.holder_id is null and p_econsult.closed_at is null and p_econsult.moved_at is null
$$;

-- The practice that agreed to take over what waits at this one, with the team of its patients: while this one is closed,
-- and that one is open.
create function consult_post_moves_to_v1(p_practice bigint) returns table (practice bigint, team bigint)
language sql stable as $$
  select n.practice_id, n.group_id
    from consult_post_choice c
    join consult_team_name n on n.practice_id = c.moves_to_id and n.for_patients
   where c.practice_id = p_practice and c.agreed_at is not null
     and consult_econsult_closed_v1(p_practice) is not null
     and consult_econsult_closed_v1(n.practice_id) is null
$$;

-- Whether this team takes over an e-consult with which this patient waits.
create function consult_takes_over_v1(p_team bigint, p_person bigint) returns boolean
language sql stable as $$
  select exists (
    select from consult_econsult e
      join consult_identity i on i.id = e.patient_id
     cross join lateral consult_post_moves_to_v1(e.practice_id) t
     where i.person_id = p_person and t.team = p_team and consult_econsult_waits_v1(e))
$$;

-- Whether a practice that treats this person now lets its patients write to this team, and has not closed that; or the
-- team takes over an e-consult of theirs.
create or replace function consult_for_patient_v1(p_team bigint, p_person bigint) returns boolean
language sql stable as $$
  select exists (
    select from consult_team_name n join patients_patient t on t.practice_id = n.practice_id
     where n.group_id = p_team and n.for_patients and t.person_id = p_person and t.ended_at is null
       and practices_function_closed_v1('conversations', n.practice_id, null) is null)
    or consult_takes_over_v1(p_team, p_person)
$$;

-- Whether a conversation takes messages at this moment: five minutes after its e-consult was closed it takes none, nor
-- when that has gone on elsewhere.
create or replace function consult_accepts_v1(p_group bigint, p_at timestamptz) returns boolean
language sql stable as $$
  select not exists (
    select from consult_econsult e
     where e.group_id = p_group and (e.closed_at + interval '5 minutes' <= p_at or e.moved_at <= p_at))
$$;

-- Whom a practice phones when its e-consults are closed: patients whose e-consult nobody has. Called by
-- practices_switch_settle_v1.
create or replace function calls_econsult_v1(p_practice bigint, p_campaign bigint)
returns table (practice bigint, name text, phone text, why text, since timestamptz)
language sql stable as $$
  select e.practice_id, p.name, '', 'unread', min(e.arrived_at)
    from consult_econsult e
    join consult_identity i on i.id = e.patient_id
    join practices_person p on p.id = i.person_id
   where consult_econsult_waits_v1(e) and (p_practice is null or e.practice_id = p_practice)
   group by e.practice_id, p.id, p.name
   order by min(e.arrived_at)
$$;
