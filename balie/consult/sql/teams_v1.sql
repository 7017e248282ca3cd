-- Teams for whoever writes to one without being in it.

-- Teams that have a name, with `p_find` in it or in that of their practice; those of the practice that asks first.
create function consult_teams_v1(p_practice bigint, p_find text, p_most int)
returns table (team text, name text, practice text)
language sql stable as $$
  select g.name, n.name, p.name
    from consult_team_name n
    join consult_group g on g.id = n.group_id
    left join practices_practice p on p.id = n.practice_id
   where p_practice is not null and position(lower(p_find) in lower(concat_ws(' ', n.name, p.name))) > 0
   order by n.practice_id is not distinct from p_practice desc, n.name, g.id limit p_most
$$;

-- Whether somebody can write to a team: they are in it, they are in a conversation with it, or they work for a practice
-- and the team has a name.
create function consult_can_write_v1(p_team bigint, p_identity text, p_practice bigint) returns boolean
language sql stable as $$
  select consult_since_v1(p_team, p_identity) is not null
      or exists (select from consult_member m
                  where m.team_id = p_team and consult_since_v1(m.group_id, p_identity) is not null)
      or p_practice is not null and exists (select from consult_team_name n where n.group_id = p_team)
$$;

-- What somebody must know of a team before they seal to it: its acts, and the statements about keys that count now, with
-- numbers above `p_after`. No row when they cannot write to it.
create function consult_of_team_v1(p_person bigint, p_practice bigint, p_team text, p_after bigint, p_most int)
returns table (name text, practice text, reached bigint, feeds bigint[])
language sql stable as $$
  select n.name, p.name, (select f.last from consult_feed f), array(
           select s.feed from consult_statement s
            where s.group_id = g.id and s.feed > p_after
              and (s.typ = 'balie-membership+jws'
                   or exists (select from consult_sealed_copy c join consult_group_key k on k.id = c.key_id
                               where c.statement_id = s.id and k.retired_at is null))
            order by s.feed limit p_most)
    from consult_group g
    join consult_identity i on i.person_id = p_person and i.known <> ''
    left join consult_team_name n on n.group_id = g.id
    left join practices_practice p on p.id = n.practice_id
   where g.name = p_team and g.kind = 'team' and consult_can_write_v1(g.id, i.id, p_practice)
$$;
