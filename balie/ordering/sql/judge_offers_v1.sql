-- What a judge may read of offers: they hold what they took, as a window does; docs/spec/live.md describes the columns.
create or replace view judge.holds as
select h.campaign_id as campaign, h.practice_id as practice, h.hold_key, h.state, h.expires_at,
       l.day, l.product, l.doses, l.location, h.slot
  from ordering_hold h
  left join lateral unnest(h.line_day, h.line_product, h.line_doses, h.line_location)
    as l(day, product, doses, location) on true
union all
select s.campaign_id, s.practice_id, s.offer_key, 'held', s.offer_ends_at, l.day, l.product, l.doses, l.location,
       0::smallint
  from ordering_swap s
 cross join lateral unnest(s.line_day, s.line_product, s.line_doses, s.line_location) l(day, product, doses, location)
 where s.state = 'offered';

create or replace view judge.swaps as
select s.campaign_id as campaign, s.practice_id as practice, s.number, s.place, s.id as swap,
       s.state, s.asked_at, s.settled_at, l.day, l.product, l.doses, l.location, s.revision, s.offered_at, s.placed
  from ordering_swap s
 cross join lateral unnest(s.line_day, s.line_product, s.line_doses, s.line_location) l(day, product, doses, location);

call judge.admit_v1();
