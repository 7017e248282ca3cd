-- Patients who begin a conversation: with the team that a practice set apart for them, and only while it treats them.

-- Whether a practice that treats this person now lets its patients write to this team, and has not closed that.
create function consult_for_patient_v1(p_team bigint, p_person bigint) returns boolean
language sql stable as $$
  select exists (
    select from consult_team_name n join patients_patient t on t.practice_id = n.practice_id
     where n.group_id = p_team and n.for_patients and t.person_id = p_person and t.ended_at is null
       and practices_function_closed_v1('conversations', n.practice_id, null) is null)
$$;

-- As consult_can_write_v1, and patients to the team of their practice.
create function consult_can_write_v2(p_team bigint, p_identity text, p_practice bigint, p_person bigint) returns boolean
language sql stable as $$
  select consult_can_write_v1(p_team, p_identity, p_practice) or consult_for_patient_v1(p_team, p_person)
$$;

-- As consult_teams_v1; to who is there as a patient, the teams of their practices that are for them.
create function consult_teams_v2(p_person bigint, p_practice bigint, p_find text, p_most int)
returns table (team text, name text, practice text)
language sql stable as $$
  (select v.team, v.name, v.practice from consult_teams_v1(p_practice, p_find, p_most) v)
   union all
  (select g.name, n.name, p.name
     from consult_team_name n
     join consult_group g on g.id = n.group_id
     join practices_practice p on p.id = n.practice_id
    where p_practice is null and consult_for_patient_v1(n.group_id, p_person)
    order by p.name, g.id limit p_most)
$$;

-- As consult_of_team_v1, for whoever can write to it by consult_can_write_v2; and for who was in a conversation with it
-- until their treatment ended, up to there: without it they could not check what was theirs.
create function consult_of_team_v2(p_person bigint, p_practice bigint, p_team text, p_after bigint, p_most int)
returns table (name text, practice text, for_patients boolean, reached bigint, feeds bigint[])
language sql stable as $$
  select n.name, p.name, coalesce(n.for_patients, false), u.upto, array(
           select s.feed from consult_statement s
            where s.group_id = g.id and s.feed > p_after and s.feed <= u.upto
              and (s.typ = 'balie-membership+jws'
                   or exists (select from consult_sealed_copy c join consult_group_key k on k.id = c.key_id
                               where c.statement_id = s.id and k.retired_at is null))
            order by s.feed limit p_most)
    from consult_group g
    join consult_identity i on i.person_id = p_person and i.known <> ''
    left join consult_team_name n on n.group_id = g.id
    left join practices_practice p on p.id = n.practice_id
   cross join lateral (
     select case when consult_can_write_v2(g.id, i.id, p_practice, p_person) then (select f.last from consult_feed f)
                 else (select max(f.until) from consult_former f
                         join consult_member m on m.group_id = f.group_id and m.team_id = g.id
                        where f.identity_id = i.id) end as upto) u
   where g.name = p_team and g.kind = 'team' and u.upto is not null
$$;

-- Whether a patient may begin this: a conversation of themselves and one team that is for them, so many in 24 hours
-- ('yes', 'limit'); null where other rules decide. Who begins is locked: nobody begins two at once.
create function consult_may_begin_v1(p_actor bigint, p_kind text, p_people text[], p_teams text[], p_most int)
returns text
language sql stable as $$
  select case
    when not consult_is_patient_v1(p_actor) or p_kind <> 'conversation' or cardinality(p_teams) <> 1
      or exists (select from unnest(p_people) u(id) left join consult_identity i on i.id = u.id
                  where i.person_id is distinct from p_actor)
      or not exists (select from consult_group g
                      where g.name = any (p_teams) and g.kind = 'team' and consult_for_patient_v1(g.id, p_actor))
    then null
    when (select count(*) from consult_statement s join consult_identity i on i.id = s.identity_id
           where i.person_id = p_actor and s.typ = 'balie-membership+jws' and s.about is null
             and s.received_at > clock_timestamp() - interval '24 hours') >= p_most
    then 'limit'
    else 'yes'
  end
$$;
