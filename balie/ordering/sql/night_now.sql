-- A campaign's night as the organiser sees it now: one row, counted from the rows themselves and not from any counter.
-- Lines and mails are looked up by the campaign's own orders: what it costs follows from them, however many other years'
-- there are beside.
with campaign as (
  select c.id, c.room_id from ordering_campaign c where c.id = %(campaign)s),
orders as materialized (
  select o.id, o.number, o.practice_id, o.placed_by_id is null as auto,
         o.placed_at > clock_timestamp() - interval '1 minute' as recent
    from ordering_order o where o.campaign_id = %(campaign)s),
ordered as materialized (
  select l.day, l.location_id as location, l.doses, o.recent
    from orders o
   cross join lateral (
     select x.day, x.location_id, x.doses from ordering_order_line x where x.order_id = o.id offset 0) l),
held as materialized (
  select l.day, l.location, l.doses
    from campaign c
    join ordering_hold h on h.campaign_id = c.id and h.state = 'held'
   cross join lateral unnest(h.line_day, h.line_location, h.line_doses) as l(day, location, doses)),
days as materialized (
  select d.day, d.doses_limit, d.addresses_limit from ordering_delivery_day d join campaign c on c.id = d.campaign_id),
tickets as (
  select count(*) as arrivals,
         count(*) filter (where t.number is null or t.number > r.called) as waiting,
         count(*) filter (where t.number <= r.called
                            and t.holder not in (select o.practice_id from orders o)) as inside
    from campaign c
    join waitingroom_room r on r.id = c.room_id
    join waitingroom_ticket t on t.room_id = r.id),
given as (  -- what is really given away of each day, held and ordered together
  select g.day, sum(g.doses) as doses, count(distinct g.location) as addresses
    from (select day, location, doses from ordered union all select day, location, doses from held) g
   group by g.day),
weeks as (
  select coalesce(json_agg(json_build_object(
           'week', w.week, 'limit', w.doses_limit, 'ordered', w.ordered, 'held', w.held) order by w.first), '[]') as weeks
    from (select extract(week from d.day)::int as week, min(d.day) as first, sum(d.doses_limit) as doses_limit,
                 coalesce(sum(o.doses), 0) as ordered, coalesce(sum(h.doses), 0) as held
            from days d
            left join (select day, sum(doses) as doses from ordered group by day) o on o.day = d.day
            left join (select day, sum(doses) as doses from held group by day) h on h.day = d.day
           group by extract(isoyear from d.day), extract(week from d.day)) w),
mail as (
  select count(*) filter (where m.state = 'queued') as waiting,
         floor(coalesce(extract(epoch from clock_timestamp() - min(m.created_at) filter (where m.state = 'queued')), 0))
           as oldest_s,
         count(*) filter (where m.sent_at is not null) as accepted,
         count(*) as expected
    from orders o
   cross join lateral (
     select x.state, x.created_at, x.sent_at from mail_outbox x
      where x.reference = o.number and x.kind = 'order_confirmation' offset 0) m)
select t.arrivals, t.waiting, t.inside,
       (select count(*) from orders) as orders,
       (select count(*) from orders o where o.auto) as orders_auto,
       (select count(*) from orders o where o.recent) as orders_per_minute,
       (select coalesce(sum(l.doses), 0) from ordered l) as doses,
       (select coalesce(sum(l.doses), 0) from ordered l where l.recent) as doses_per_minute,
       (select coalesce(sum(d.doses_limit), 0) from days d) as doses_limit,
       (select count(*) from given g join days d on d.day = g.day
         where g.doses > d.doses_limit or g.addresses > d.addresses_limit) as oversold_days,
       (select row_to_json(m) from mail m) as mail,
       w.weeks
  from tickets t, weeks w
