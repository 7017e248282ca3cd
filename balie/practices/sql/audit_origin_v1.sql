-- Where an act was asked from, for what functions add to the log of acts: they settle many requests in one statement.

-- Whoever calls them sets balie.origins for the transaction: addresses by practice; that of '' is of all others.
create function practices_audit_origin_v1() returns trigger language plpgsql as $$
declare
  told constant text := current_setting('balie.origins', true);
begin
  if new.origin = '' and told <> '' then
    new.origin := coalesce(told::jsonb ->> new.practice_id::text, told::jsonb ->> '', '');
  end if;
  return new;
end $$;

create trigger practices_audit_origin before insert on practices_audit_event
  for each row execute function practices_audit_origin_v1();
