-- A campaign's night for its report, as far as one row can say it: when it was, waits, mails, what holds heard, how long
-- the service clock stood still, and what became of the ordering that was left to Balie. The night ends at `ends_at`:
-- some minutes after the last thing that happened in the half day after the last opening.
with campaign as (
  select c.id, c.room_id, c.closes_at, r.doors_at,
         (select max(d.draw_at) from waitingroom_round d where d.room_id = c.room_id) as last_opening
    from ordering_campaign c join waitingroom_room r on r.id = c.room_id where c.id = %(campaign)s),
orders as materialized (
  select o.id, o.number, o.practice_id, o.slot, o.placed_at from campaign c join ordering_order o on o.campaign_id = c.id),
tickets as materialized (
  select t.holder, t.arrived_at, t.called_at, greatest(t.arrived_at, d.draw_at) as waits_from, o.placed_at
    from campaign c
    join waitingroom_ticket t on t.room_id = c.room_id
    join waitingroom_round d on d.room_id = t.room_id and d.position = t.round
    left join orders o on o.practice_id = t.holder and o.slot = 0),
moments as (
  select c.last_opening as at from campaign c
  union all select t.arrived_at from tickets t
  union all select t.called_at from tickets t
  union all select o.placed_at from orders o),
night as (
  select least(clock_timestamp(), c.closes_at, max(m.at) + interval '5 minutes') as ends_at
    from campaign c left join moments m on m.at <= c.last_opening + interval '12 hours' group by c.closes_at),
waits as (
  select count(t.called_at) as called,
         percentile_cont(array[0.5, 0.9, 1]) within group (order by extract(epoch from t.called_at - t.waits_from))
           filter (where t.called_at is not null) as to_turn_s,
         percentile_cont(array[0.5, 0.9, 1]) within group (order by extract(epoch from t.placed_at - t.called_at))
           filter (where t.placed_at >= t.called_at) as to_order_s
    from tickets t),
mails as (
  select count(*) filter (where m.state = 'queued') as queued,
         count(*) filter (where m.state = 'sent') as sent,
         count(*) filter (where m.state = 'bounced') as bounced,
         count(*) filter (where m.state = 'failed') as failed,
         percentile_cont(array[0.5, 0.9, 1]) within group (order by extract(epoch from m.sent_at - m.requested_at))
           filter (where m.sent_at is not null) as to_sent_s
    from orders o join mail_outbox m on m.reference = o.number and m.kind = 'order_confirmation'),
heard as (
  select l.act, coalesce(u.outcome, '') as outcome, count(*) as times
    from campaign c
    join ordering_hold_log l on l.campaign_id = c.id
   cross join lateral unnest(l.practices, l.outcomes) as u(practice, outcome)
   where u.practice is not null
   group by 1, 2),
prepared as (
  select count(*) as left_to_balie,
         count(*) filter (where q.failed_at is not null
                            and q.practice_id not in (select o.practice_id from orders o)) as not_placed
    from campaign c join ordering_prepared_order q on q.campaign_id = c.id and q.auto <> 'off'),
stills as (
  select count(*) as times, coalesce(sum(extract(epoch from s.ended_at - s.began_at)), 0)::float8 as seconds
    from campaign c cross join night n
    join runtime_standstill s
      on s.began_at between c.doors_at and n.ends_at and s.ended_at - s.began_at >= interval '1 second')
select n.ends_at,
       (select min(placed_at) from orders) as first_order_at,
       (select max(placed_at) from orders) as last_order_at,
       (select count(*) from campaign c join ordering_cancelled_order x on x.campaign_id = c.id) as cancelled,
       (select row_to_json(w) from waits w) as waits,
       (select row_to_json(m) from mails m) as mails,
       (select coalesce(json_agg(json_build_object('act', h.act, 'outcome', h.outcome, 'times', h.times)), '[]')
          from heard h) as heard,
       (select row_to_json(s) from stills s) as stills,
       (select row_to_json(p) from prepared p) as prepared,
       (select coalesce(json_agg(json_build_object('name', p.name, 'doses', p.doses) order by p.position, p.id), '[]')
          from (select p.id, p.position, p.name, coalesce(sum(l.doses), 0) as doses
                  from campaign c
                  join ordering_product p on p.campaign_id = c.id
                  left join (orders o join ordering_order_line l on l.order_id = o.id) on l.product_id = p.id
                 group by p.id) p) as products
  from night n
