-- Where every practice stands in a campaign's night: how many in each state, and a page of those that are looked for, in
-- order of number: `most` of them after the practice `key`, or before it and then backwards; from the first one on where
-- there is no such practice (any more). They are in one of `states`, and have all of `words` in their name, or `digits` as their number in the
-- waiting room, or four or more of them in their AGB code or telephone number. Without words everybody fits.
with night as (
  select c.id, c.room_id, r.called, service_now() as now
    from ordering_campaign c join waitingroom_room r on r.id = c.room_id where c.id = %(campaign)s),
standing as materialized (
  select p.id as key, p.agb_code, p.name, p.phone, t.number, coalesce(t.number, 2147483647) as line, o.number as order_number, q.id is not null as auto,
         case
           when o.id is not null then 'ordered'
           when h.blocked then 'blocked'
           when h.state = 'held' and h.expires_at > n.now then 'inside'
           when h.state in ('held', 'lapsed') then 'lapsed'
           when t.number <= n.called then 'called'
           when t.id is not null then 'waiting'
           else 'absent' end as state
    from night n
   cross join practices_practice p
    left join waitingroom_ticket t on t.room_id = n.room_id and t.holder = p.id
    left join ordering_hold h on h.campaign_id = n.id and h.practice_id = p.id and h.slot = 0
    left join ordering_prepared_order q
           on q.campaign_id = n.id and q.practice_id = p.id and q.auto <> 'off' and q.failed_at is null
    left join ordering_order o on o.campaign_id = n.id and o.practice_id = p.id and o.slot = 0),
fitting as materialized (
  select s.* from standing s
   where (%(practice)s::text is null or s.agb_code = %(practice)s)
     and s.state = any(%(states)s::text[])
     and (coalesce((select bool_and(strpos(lower(s.name), w) > 0) from unnest(%(words)s::text[]) w), true)
          or (%(digits)s <> ''
              and (s.number::text = %(digits)s
                   or length(%(digits)s) > 3
                      and (strpos(s.agb_code, %(digits)s) > 0
                           or strpos(regexp_replace(s.phone, '\D', '', 'g'), %(digits)s) > 0))))),
key as (select line, name, agb_code from standing where key = %(key)s),
page as (
  select f.*, row_number() over (order by f.line, f.name, f.agb_code) * case when %(back)s then -1 else 1 end as place
    from fitting f
    left join key k on true
   where k.line is null
      or case when %(back)s then (f.line, f.name, f.agb_code) < (k.line, k.name, k.agb_code)
              else (f.line, f.name, f.agb_code) > (k.line, k.name, k.agb_code) end
   order by place
   limit %(most)s)
select (select coalesce(jsonb_object_agg(c.state, c.practices), '{}')
          from (select state, count(*) as practices from standing group by state) c),
       (select count(*) from fitting),
       (select coalesce(jsonb_agg(to_jsonb(p) order by p.place), '[]') from page p)
