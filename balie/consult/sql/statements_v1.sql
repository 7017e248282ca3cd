-- Statements: the locks under which they are judged, what they do to keys, and the numbers they get.

-- What may change while a post of statements is judged, locked in the one order there is: people, teams, conversations,
-- each by id. Whoever names a person or a team in a statement locks them, so what somebody is in stands still meanwhile.
--   p_identities  people who are named; the one who posts is locked too
--   p_subjects    groups that acts or keys are about: of a team also the conversations it is in
--   p_named       groups that are named otherwise
--   p_rotates     the one who posts gets a new key: all they are in, too
create function consult_lock_v1(
  p_person bigint, p_identities text[], p_subjects text[], p_named text[], p_rotates boolean) returns void
language plpgsql as $$
declare
  mine bigint[] := '{}';
  teams bigint[];
  moved bigint[];
  conversations bigint[];
begin
  -- 1. People.
  perform from (
    select i.id from consult_identity i
     where i.id = any (p_identities) or i.person_id = p_person order by i.id for no key update) l;

  -- 2. Teams. Each step is a statement of its own: what was committed while we waited is seen.
  if p_rotates then
    mine := array(select m.group_id from consult_identity i join consult_member m on m.identity_id = i.id
                   where i.person_id = p_person);
  end if;
  teams := array(select g.id from consult_group g where g.kind = 'team' and g.name = any (p_subjects || p_named)
                  union select g.id from consult_group g where g.kind = 'team' and g.id = any (mine));
  perform from (select g.id from consult_group g where g.id = any (teams) order by g.id for no key update) l;

  -- 3. Conversations: a team that changes takes those along that it is in.
  moved := array(select g.id from consult_group g
                  where g.kind = 'team' and (g.name = any (p_subjects) or g.id = any (mine)));
  conversations := array(
    select g.id from consult_group g
     where g.kind = 'conversation' and (g.name = any (p_subjects || p_named) or g.id = any (mine))
     union select m.group_id from consult_member m where m.team_id = any (moved));
  perform from (select g.id from consult_group g where g.id = any (conversations) order by g.id for no key update) l;
end $$;

-- The current KEM key of a team: of its keys that count the one made last; null when none counts.
create function consult_team_kem_v1(p_team bigint) returns text
language sql stable as $$
  select k.name from consult_group_key k
   where k.group_id = p_team and k.retired_at is null
   order by k.made_at desc, k.name collate "C" desc limit 1
$$;

-- Retire the keys of these groups that somebody has who is no longer a member, or under a key that is no longer theirs;
-- of teams among them also those of the conversations they are in.
create function consult_retire_v1(p_groups bigint[]) returns void
language plpgsql as $$
begin
  update consult_group_key k set retired_at = clock_timestamp()
   where k.retired_at is null
     and k.group_id in (select g.id from consult_group g where g.id = any (p_groups) and g.kind = 'team')
     and consult_is_out_v1(k.id, k.group_id);

  -- In a statement of its own: which keys of teams count has just changed.
  update consult_group_key k set retired_at = clock_timestamp()
   where k.retired_at is null
     and k.group_id in (
       select g.id from consult_group g where g.id = any (p_groups) and g.kind = 'conversation'
        union select m.group_id from consult_member m where m.team_id = any (p_groups))
     and consult_is_out_v1(k.id, k.group_id);
end $$;

-- Whether somebody has this key who should not have it any more.
create function consult_is_out_v1(p_key bigint, p_group bigint) returns boolean
language sql stable as $$
  select exists (
    select from consult_sealed_copy c
      left join consult_identity i on i.id = c.identity_id
      left join consult_member m
        on m.group_id = p_group and (m.identity_id = c.identity_id or m.team_id = c.team_id)
     where c.key_id = p_key
       and (m.id is null
            or c.kem is distinct from case when c.team_id is null then i.kem else consult_team_kem_v1(c.team_id) end))
$$;

-- The last step of a post: numbers for its statements, in their order, and for those who are members by them. The feed's
-- row stays locked until the commit.
create function consult_number_v1(p_statements bigint[]) returns table (id bigint, feed bigint)
language plpgsql as $$
declare
  reached bigint;
begin
  update consult_feed f set last = f.last + cardinality(p_statements)
  returning f.last - cardinality(p_statements) into reached;
  update consult_statement s set feed = reached + u.at
    from unnest(p_statements) with ordinality u(id, at) where s.id = u.id;
  update consult_member m set since = n.feed
    from (select s.group_id, min(s.feed) as feed from consult_statement s
           where s.id = any (p_statements) and s.group_id is not null group by s.group_id) n
   where m.group_id = n.group_id and m.since is null;
  return query select s.id, s.feed from consult_statement s where s.id = any (p_statements) order by s.feed;
end $$;

-- What was signed stays as it was posted; a statement gets its number once.
create function consult_statement_stays_v1() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.feed is null and (old.id, old.name, old.typ, old.identity_id, old.group_id, old.about, old.signed,
                             old.received_at)
         is not distinct from (new.id, new.name, new.typ, new.identity_id, new.group_id, new.about, new.signed,
                               new.received_at) then
      return new;
    end if;
  end if;
  raise exception 'statements are kept as they are';
end $$;

create trigger consult_statement_stays before update or delete on consult_statement
  for each row execute function consult_statement_stays_v1();
