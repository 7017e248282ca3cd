-- What a judge may read of orders that were changed, and of swaps; docs/spec/live.md describes the columns.

create view judge.changes as
select c.id as campaign, e.practice_id as practice, e.subject as number, (e.detail->>'revision')::int as revision, e.at,
       e.actor_id is null as auto, side.name as side, l.day, l.product, l.doses, l.address
  from practices_audit_event e
  join ordering_campaign c on c.slug = e.detail->>'campaign'
 cross join (values ('before'), ('after')) side(name)
 cross join lateral jsonb_to_recordset(e.detail->side.name)
                      l(day date, product bigint, doses int, address text)
 where e.action = 'order.changed';

create or replace view judge.swaps as
select s.campaign_id as campaign, s.practice_id as practice, s.number, coalesce(t.number, 2147483647) as place, s.id as swap,
       s.state, s.asked_at, s.settled_at, l.day, l.product, l.doses, l.location, s.revision
  from ordering_swap s
  join ordering_campaign c on c.id = s.campaign_id
  left join waitingroom_ticket t on t.room_id = c.room_id and t.holder = s.practice_id
 cross join lateral unnest(s.line_day, s.line_product, s.line_doses, s.line_location) l(day, product, doses, location);

call judge.admit_v1();
