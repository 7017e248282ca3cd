-- Patients in conversations: who may let them in, and what others see beside their name.

-- Whether somebody is here as a patient and nothing else.
create function consult_is_patient_v1(p_person bigint) returns boolean
language sql stable as $$
  select exists (select from patients_patient t where t.person_id = p_person)
     and not exists (select from practices_membership m where m.person_id = p_person)
$$;

-- Why somebody may not let these people in, or null. A patient lets in nobody; a patient is let in by those who treat
-- them, and to others is not there.
create function consult_may_add_v1(p_actor bigint, p_identities text[]) returns text
language sql stable as $$
  select case
    when consult_is_patient_v1(p_actor) then 'not-allowed'
    when exists (
      select from consult_identity i
       where i.id = any (p_identities) and consult_is_patient_v1(i.person_id)
         and not exists (
           select from patients_patient t join practices_membership m on m.practice_id = t.practice_id
            where t.person_id = i.person_id and t.ended_at is null and m.person_id = p_actor))
    then 'unknown-member'
  end
$$;

-- What stands beside a patient's name: who treats them, and for whom they act today. Seen by the practice that treats
-- them, by themselves, and by whoever is in a group with them.
create function consult_care_v1(p_asks bigint, p_practice bigint, p_person bigint)
returns table (practice text, relation text, of_whom text)
language sql stable as $$
  select h.name, r.kind, c.name
    from patients_patient t
    join practices_practice h on h.id = t.practice_id
    left join patients_relation r
      on r.representative_id = t.id and r.ended_at is null
     and r.ends_on > (clock_timestamp() at time zone 'Europe/Amsterdam')::date
    left join patients_patient c on c.id = r.patient_id
   where t.person_id = p_person and t.ended_at is null and (r.id is null or c.ended_at is null)
     and (t.practice_id = p_practice
          or p_asks = p_person
          or consult_is_patient_v1(p_person)
             and exists (select from consult_mine_v1(p_asks) a join consult_mine_v1(p_person) b using (group_id)))
   order by h.name, c.name
$$;

-- Whom of a practice one can write to: colleagues and patients who have keys. Patients find nobody here.
create function consult_people_v1(p_practice bigint) returns table (id text, name text, person_id bigint)
language sql stable as $$
  select i.id, p.name, p.id
    from (select m.person_id from practices_membership m where m.practice_id = p_practice
           union
          select t.person_id from patients_patient t where t.practice_id = p_practice and t.ended_at is null) x
    join practices_person p on p.id = x.person_id and p.is_active
    join consult_identity i on i.person_id = p.id and i.known <> ''
   order by p.name, i.id
$$;
