-- How many consultaties a practice asked, or a team of it was asked, in a time, and how long they took; by agreement and
-- team. Who asks one specialist has them at once: those stand in a row without team. After a hand-over it counts for the
-- team it is with now. What was withdrawn is neither in time nor late, unless its time was over by then.
select c.practice_id = %(practice)s as ours, a.kind, a.unit, a.within, coalesce(n.name, '') as team,
       count(*), count(c.picked_up_at),
       percentile_cont(0.5) within group (order by c.picked_up_at - c.asked_at),
       percentile_cont(0.9) within group (order by c.picked_up_at - c.asked_at),
       count(c.concluded_at),
       percentile_cont(0.5) within group (order by c.concluded_at - c.asked_at),
       percentile_cont(0.9) within group (order by c.concluded_at - c.asked_at),
       count(*) filter (
         where c.concluded_at is not null or c.due_at <= coalesce(c.withdrawn_at, clock_timestamp())),
       count(*) filter (where c.concluded_at <= c.due_at)
  from consult_consultation c
  join consult_agreement a on a.code = c.agreement_id
  left join consult_team_name n on n.group_id = c.team_id
 where c.asked_at >= %(since)s and c.asked_at < %(until)s
   and (c.practice_id = %(practice)s or n.practice_id = %(practice)s)
 group by ours, a.kind, a.unit, a.within, a.place, c.team_id, n.name
 order by ours desc, a.kind desc, a.place, team, c.team_id
