-- What a judge may read of what practices put ready; docs/spec/live.md describes the columns.

create view judge.prepared as
select campaign_id as campaign, practice_id as practice, auto, auto_set_at as auto_since, failed_at
  from ordering_prepared_order;

create view judge.prepared_lines as
select p.campaign_id as campaign, p.practice_id as practice, l.product_id as product, l.location_id as location, l.doses
  from ordering_prepared_line l join ordering_prepared_order p on p.id = l.prepared_id;

create view judge.wishes as
select p.campaign_id as campaign, p.practice_id as practice, w.rank, w.day
  from ordering_ranked_day w join ordering_prepared_order p on p.id = w.prepared_id;

call judge.admit_v1();
