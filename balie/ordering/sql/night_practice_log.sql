-- What one practice asked of its hold in a campaign and heard, and what happened to it, oldest first.
select l.act, l.at, l.service_at, u.key, p.name as actor, coalesce(p.is_organiser, false) as by_organiser,
       coalesce(u.elapsed_ms, 0) as elapsed_ms, u.outcome, u.ends, u.detail
  from ordering_hold_log l
 cross join lateral unnest(l.practices, l.keys, l.actors, l.elapsed_ms, l.outcomes, l.ends, l.details)
              u(practice, key, actor, elapsed_ms, outcome, ends, detail)
  left join practices_person p on p.id = u.actor
 where l.campaign_id = %(campaign)s and l.practices @> array[%(practice)s]::bigint[] and u.practice = %(practice)s
 order by l.id
