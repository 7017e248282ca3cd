-- What a judge may read of orders that were cancelled; docs/spec/live.md describes the columns.

create view judge.cancelled as
select campaign_id as campaign, practice_id as practice, number, hold_key, placed_at, cancelled_at, granted
  from ordering_cancelled_order;

call judge.admit_v1();
