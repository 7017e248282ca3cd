-- The minutes of a campaign's night for the plots: since the doors opened, or since `since` when that is later, until now
-- or `until`. Each row says how things stood at the end of its minute; arrivals, calls, orders and doses are those of the
-- minute itself, and so are the mails that a mail server took.
with campaign as (
  select c.id, c.room_id, date_trunc('minute', greatest(r.doors_at, %(since)s::timestamptz)) as since
    from ordering_campaign c join waitingroom_room r on r.id = c.room_id where c.id = %(campaign)s),
minutes as (
  select m.at
    from campaign c
   cross join generate_series(c.since, least(clock_timestamp(), %(until)s::timestamptz), interval '1 minute') as m(at)),
orders as materialized (
  select o.id, o.number, greatest(date_trunc('minute', o.placed_at), c.since) as at,
         (o.placed_at >= c.since)::int as shown, (o.slot = 0)::int as left_room
    from campaign c join ordering_order o on o.campaign_id = c.id),
tickets as materialized (
  select greatest(date_trunc('minute', t.arrived_at), c.since) as arrived,
         greatest(date_trunc('minute', t.called_at), case when t.called_at is not null then c.since end) as called,
         (t.arrived_at >= c.since)::int as arrival_shown, (t.called_at >= c.since)::int as call_shown
    from campaign c join waitingroom_ticket t on t.room_id = c.room_id),
mails as materialized (
  select greatest(date_trunc('minute', m.created_at), c.since) as created,
         greatest(date_trunc('minute', m.sent_at), case when m.sent_at is not null then c.since end) as sent,
         (m.sent_at >= c.since)::int as sent_shown
    from campaign c cross join orders o
    join mail_outbox m on m.reference = o.number and m.kind = 'order_confirmation'),
changes as (  -- what every event does to what is waiting, inside and in the queue of mails, and in what it is counted
  select t.arrived as at, 1 as waiting, 0 as inside, 0 as mail_waiting, t.arrival_shown as arrivals, 0 as calls,
         0 as orders, 0 as doses, 0 as mails_sent from tickets t
  union all select t.called, -1, 1, 0, 0, t.call_shown, 0, 0, 0 from tickets t where t.called is not null
  union all select o.at, 0, -o.left_room, 0, 0, 0, o.shown,
                   o.shown * (select sum(l.doses) from ordering_order_line l where l.order_id = o.id), 0
              from orders o
  union all select m.created, 0, 0, 1, 0, 0, 0, 0, 0 from mails m
  union all select m.sent, 0, 0, -1, 0, 0, 0, 0, m.sent_shown from mails m where m.sent is not null),
sums as (
  select at, sum(waiting) as waiting, sum(inside) as inside, sum(mail_waiting) as mail_waiting, sum(arrivals) as arrivals,
         sum(calls) as calls, sum(orders) as orders, sum(doses) as doses, sum(mails_sent) as mails_sent
    from changes group by at)
select m.at,
       coalesce(sum(s.waiting) over past, 0)::int as waiting,
       coalesce(sum(s.inside) over past, 0)::int as inside,
       coalesce(sum(s.mail_waiting) over past, 0)::int as mail_waiting,
       coalesce(s.arrivals, 0)::int as arrivals,
       coalesce(s.calls, 0)::int as calls,
       coalesce(s.orders, 0)::int as orders,
       coalesce(s.doses, 0)::int as doses,
       coalesce(s.mails_sent, 0)::int as mails_sent
  from minutes m left join sums s on s.at = m.at
window past as (order by m.at)
 order by m.at
