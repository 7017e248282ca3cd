-- Conversations that are closed for patients: who waits, and who may not write.

-- Whom a practice phones when its conversations are closed: patients it treats who had the last word and were not read.
-- One look a conversation, whatever was said in it: all of the country may be asked for at once. Called by
-- practices_switch_settle_v1.
create function calls_conversations_v1(p_practice bigint, p_campaign bigint)
returns table (practice bigint, name text, phone text, why text, since timestamptz)
language sql stable as $$
  with waiting as materialized (
    select t.id as patient, t.practice_id, t.name, m.group_id, m.received_at
      from patients_patient t
      join consult_identity i on i.person_id = t.person_id
      join consult_member b on b.identity_id = i.id
      join consult_group g on g.id = b.group_id and g.kind = 'conversation'
      join consult_message m on m.group_id = g.id and m.place = g.last
      join consult_device d on d.id = m.device_id and d.identity_id = i.id
     where t.ended_at is null and (p_practice is null or t.practice_id = p_practice)
       and not exists (
         select from consult_reading r where r.group_id = g.id and r.identity_id <> i.id and r.read >= g.last))
  select w.practice_id, w.name, '', 'unread', min(w.received_at)
    from waiting w
   where exists (
     select from consult_audience_v1(w.group_id) a join practices_membership p on p.person_id = a.person_id
      where p.practice_id = w.practice_id)
   group by w.patient, w.practice_id, w.name
   order by min(w.received_at)
$$;

-- The switch that keeps a patient from writing in this conversation, or null: all practices in it that treat them have
-- closed theirs. Who works for a practice goes on.
create function consult_closed_for_v1(p_person bigint, p_group text) returns bigint language sql stable as $$
  select min(c.switch)
    from (select practices_function_closed_v1('conversations', t.practice_id, null) as switch
            from patients_patient t
           where t.person_id = p_person and t.ended_at is null and consult_is_patient_v1(p_person)
             and exists (
               select from consult_group g
                cross join lateral consult_audience_v1(g.id) a
                 join practices_membership w on w.person_id = a.person_id
                where g.name = p_group and w.practice_id = t.practice_id)) c
  having bool_and(c.switch is not null)
$$;
