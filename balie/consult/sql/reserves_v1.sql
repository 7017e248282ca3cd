-- Reserves of teams (docs/spec/consult/reserve.md).

-- When the next drill of a reserve is due: a year after the last that passed, or after it was made.
create function consult_drill_due_v1(p_reserve bigint) returns timestamptz
language sql stable as $$
  select coalesce((select max(d.at) from consult_reserve_drill d where d.reserve_id = r.id and d.passed), r.made_at)
         + interval '1 year'
    from consult_reserve r where r.id = p_reserve
$$;

-- What was made stays as it was; that it was replaced, or used, is written once.
create function consult_reserve_stays_v1() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_table_name = 'consult_reserve' then
    if (old.id, old.group_id, old.set, old.statement_id, old.kem, old.sign, old.made_by_id, old.made_at)
         is not distinct from (new.id, new.group_id, new.set, new.statement_id, new.kem, new.sign, new.made_by_id, new.made_at)
       and (old.replaced_at is null or old.replaced_at = new.replaced_at)
       and (old.used_at is null or old.used_at = new.used_at) then
      return new;
    end if;
  end if;
  raise exception '% is kept as it is: % is refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end $$;

create trigger consult_reserve_stays before update or delete on consult_reserve
  for each row execute function consult_reserve_stays_v1();
create trigger consult_reserve_holder_stays before update or delete on consult_reserve_holder
  for each row execute function consult_reserve_stays_v1();
create trigger consult_reserve_copy_stays before update or delete on consult_reserve_copy
  for each row execute function consult_reserve_stays_v1();
create trigger consult_reserve_drill_stays before update or delete on consult_reserve_drill
  for each row execute function consult_reserve_stays_v1();

-- As consult_of_team_v2, with the reserves of the team: they vouch for its members.
create function consult_of_team_v3(p_person bigint, p_practice bigint, p_team text, p_after bigint, p_most int)
returns table (name text, practice text, for_patients boolean, reached bigint, feeds bigint[])
language sql stable as $$
  select n.name, p.name, coalesce(n.for_patients, false), u.upto, array(
           select s.feed from consult_statement s
            where s.group_id = g.id and s.feed > p_after and s.feed <= u.upto
              and (s.typ in ('balie-membership+jws', 'balie-reserve+jws')
                   or exists (select from consult_sealed_copy c join consult_group_key k on k.id = c.key_id
                               where c.statement_id = s.id and k.retired_at is null))
            order by s.feed limit p_most)
    from consult_group g
    join consult_identity i on i.person_id = p_person and i.known <> ''
    left join consult_team_name n on n.group_id = g.id
    left join practices_practice p on p.id = n.practice_id
   cross join lateral (
     select case when consult_can_write_v2(g.id, i.id, p_practice, p_person) then (select f.last from consult_feed f)
                 else (select max(f.until) from consult_former f
                         join consult_member m on m.group_id = f.group_id and m.team_id = g.id
                        where f.identity_id = i.id) end as upto) u
   where g.name = p_team and g.kind = 'team' and u.upto is not null
$$;

-- The reserves of what somebody is in: one row for each team.
create function consult_reserves_v1(p_person bigint)
returns table (team text, keys text[], set text, made_at timestamptz, made_by text, used boolean, due_at timestamptz,
               copied text[], holders json, drills json)
language sql stable as $$
  select g.name,
         array(select k.name from consult_group_key k where k.group_id = g.id order by k.id),
         r.set, r.made_at, r.made_by_id, r.used_at is not null, consult_drill_due_v1(r.id),
         array(select k.name from consult_reserve_copy c join consult_group_key k on k.id = c.key_id
                where c.reserve_id = r.id order by k.id),
         (select json_agg(json_build_object('number', h.number, 'name', h.name, 'role', h.role) order by h.number)
            from consult_reserve_holder h where h.reserve_id = r.id),
         (select json_agg(json_build_object('at', consult_moment_v1(d.at), 'person', d.identity_id, 'passed', d.passed,
                                            'parts', d.parts, 'note', d.note) order by d.id desc)
            from (select x.* from consult_reserve_drill x where x.reserve_id = r.id order by x.id desc limit 10) d)
    from consult_identity i
    join consult_member m on m.identity_id = i.id
    join consult_group g on g.id = m.group_id and g.kind = 'team'
    left join consult_reserve r on r.group_id = g.id and r.replaced_at is null
   where i.person_id = p_person order by g.id
$$;
