-- The draws of a room, for whoever asks whether they were fair: of each drawn round the tickets in order of number, how
-- number goes with order of arrival and with size, and for parts of at least twenty practices how many came in the front
-- half. Ranks of size are shared by practices that are equally large. A holder that is no practice has no size.
with tickets as materialized (
  select d.position, d.drawn_count, t.id, t.number - d.first_number + 1 as place, p.registered_count as size,
         row_number() over (partition by d.position order by t.arrival) as came,
         rank() over (partition by d.position order by p.registered_count)
           + (count(*) over (partition by d.position, p.registered_count) - 1) / 2.0 as size_rank,
         (2 * (t.number - d.first_number + 1) <= d.drawn_count)::int as in_front
    from waitingroom_round d
    join waitingroom_ticket t on t.room_id = d.room_id and t.round = d.position
                             and t.number between d.first_number and d.first_number + d.drawn_count - 1
    left join practices_practice p on p.id = t.holder
   where d.room_id = %(room)s and d.drawn_at is not null),
parts as (
  select position, 'came' as by,
         ntile(least(10, greatest(1, drawn_count / 20))) over (partition by position order by came) as part, in_front from tickets
  union all
  select position, 'size',
         ntile(least(4, greatest(1, drawn_count / 20))) over (partition by position order by size, id), in_front from tickets
   where size is not null),
counted as (
  select position, by, part, count(*) as practices, sum(in_front) as in_front from parts group by position, by, part)
select d.position, d.name, d.drawn_count, d.drawn_at, d.seed, d.seed_hash, d.list_hash, d.beacon,
       (select coalesce(array_agg(t.id::text order by t.place), '{}') from tickets t where t.position = d.position) as drawn,
       (select corr(t.place, t.came) from tickets t where t.position = d.position) as with_arrival,
       (select corr(t.place, t.size_rank) from tickets t where t.position = d.position and t.size is not null) as with_size,
       (select coalesce(json_agg(json_build_object('by', c.by, 'practices', c.practices, 'in_front', c.in_front)
                                 order by c.by, c.part), '[]')
          from counted c where c.position = d.position) as parts
  from waitingroom_round d
 where d.room_id = %(room)s and d.drawn_at is not null
 order by d.position
