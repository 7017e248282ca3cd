-- What a judge may read of orders beside the first of a practice; docs/spec/live.md describes the columns.

create or replace view judge.orders as
select campaign_id as campaign, practice_id as practice, number, hold_key, placed_at, placed_by_id is null as auto, slot
  from ordering_order;

create or replace view judge.holds as
select h.campaign_id as campaign, h.practice_id as practice, h.hold_key, h.state, h.expires_at,
       l.day, l.product, l.doses, l.location, h.slot
  from ordering_hold h
  left join lateral unnest(h.line_day, h.line_product, h.line_doses, h.line_location)
    as l(day, product, doses, location) on true;

create or replace view judge.cancelled as
select campaign_id as campaign, practice_id as practice, number, hold_key, placed_at, cancelled_at, granted, slot
  from ordering_cancelled_order;
