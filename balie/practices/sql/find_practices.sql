-- A page of practices by name, of all or of those that `words` find: `most` of them after the practice `key`, or before it,
-- and then backwards; from the start without a key. Each way of asking is a branch of its own: the planner drops those that
-- were not asked, and goes by the index that fits the one that was.
with place as (
  select name, id from practices_practice where id = %(key)s),
matching as not materialized (
  select p.id, p.name, p.agb_code from practices_practice p
    join practices_search s on s.practice_id = p.id and s.document @@ practices_query_v1(%(words)s))
select f.id, f.name, f.agb_code,
       array(select distinct l.city from practices_location l where l.practice_id = f.id order by l.city) as cities
  from ((select p.id, p.name, p.agb_code from practices_practice p
          where %(words)s = '' and not %(back)s
            and (%(key)s::bigint is null or (p.name, p.id) > ((select name from place), (select id from place)))
          order by p.name, p.id limit %(most)s)
        union all
        (select p.id, p.name, p.agb_code from practices_practice p
          where %(words)s = '' and %(back)s and (p.name, p.id) < ((select name from place), (select id from place))
          order by p.name desc, p.id desc limit %(most)s)
        union all
        (select m.* from matching m
          where %(words)s <> '' and not %(back)s
            and (%(key)s::bigint is null or (m.name, m.id) > ((select name from place), (select id from place)))
          order by m.name, m.id limit %(most)s)
        union all
        (select m.* from matching m
          where %(words)s <> '' and %(back)s and (m.name, m.id) < ((select name from place), (select id from place))
          order by m.name desc, m.id desc limit %(most)s)) f
