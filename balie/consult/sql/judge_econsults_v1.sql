-- What a judge may read of e-consults: who waits where, how urgent, since when and until when.

create view consult_judge.econsults as
select e.id, g.name as conversation, t.name as team, p.agb_code as practice, e.patient_id as patient, e.urgency, e.number,
       e.arrived_at, e.due_at, e.holder_id as holder, e.picked_up_at, e.closed_at, e.moved_at, e.instead_of_id as instead_of
  from consult_econsult e
  join consult_group g on g.id = e.group_id
  join consult_group t on t.id = e.team_id
  join practices_practice p on p.id = e.practice_id;

call consult_judge.admit_v1();
