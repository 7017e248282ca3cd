-- Switches: whether a function is open. Every act on one goes through here, whoever asks, so that it is one transaction
-- with its log, notice, mails and call list; acts are rare, and one lock lets them through one by one.

-- The switch of this function for a practice, a campaign, or everybody; made when there is none. Nobody else changes
-- any switch until the transaction ends.
create function practices_switch_lock_v1(p_function text, p_practice bigint, p_campaign bigint) returns bigint
language plpgsql as $$
declare
  found_id bigint;
begin
  perform pg_advisory_xact_lock(7316, 1);
  select s.id into found_id from practices_switch s
   where s.function = p_function and s.practice_id is not distinct from p_practice
     and s.campaign is not distinct from p_campaign;
  if found_id is null then
    insert into practices_switch (function, practice_id, campaign) values (p_function, p_practice, p_campaign)
    returning id into found_id;
  end if;
  return found_id;
end $$;

-- What comes of what hand, rules and schedule want, in that order. Where that changed: the log; where it is out of the
-- ordinary, a notice, mails to those who have a switch of their own, and whom to phone. Whether it changed. The caller
-- has the lock. p_cause is who wanted the last change, for the notice that something is open again.
create function practices_switch_settle_v1(
  p_switch bigint, p_cause text, p_culprit text, p_actor bigint, p_why text, p_mail_domain text)
returns boolean language plpgsql as $$
declare
  was practices_switch;
  comes practices_switch;
  culprit text;
  told bigint;
begin
  select s.* into strict was from practices_switch s where s.id = p_switch;
  comes := was;
  if was.hand_until <= clock_timestamp() then
    comes.hand := null;
    comes.hand_until := null;
  end if;
  delete from practices_rule_closing c where c.switch_id = p_switch and c.ends_at <= clock_timestamp();
  select c.culprit into culprit from practices_rule_closing c where c.switch_id = p_switch
   order by c.closed_at, c.id limit 1;
  if comes.hand is not null then
    comes.closed := comes.hand = 'closed';
    comes.decided_by := 'hand';
    comes.reason := case when comes.closed then comes.hand_reason else '' end;
    comes.text := case when comes.closed then comes.hand_text else '' end;
    comes.phone := case when comes.closed then comes.hand_phone else '' end;
    comes.until := comes.hand_until;
  else
    comes.hand_reason := ''; comes.hand_text := ''; comes.hand_phone := ''; comes.hand_actor_id := null;
    comes.text := ''; comes.phone := ''; comes.until := null;
    comes.closed := culprit is not null or comes.scheduled is false;
    comes.decided_by := case when culprit is not null then 'rule' when comes.scheduled is not null then 'schedule' else '' end;
    comes.reason := case when culprit is not null then 'outage' when comes.closed then 'hours' else '' end;
    if comes.closed and comes.decided_by = 'schedule' then
      comes.until := comes.opens_at;
    end if;
  end if;
  if (was.closed, was.decided_by) is distinct from (comes.closed, comes.decided_by) then
    comes.since := clock_timestamp();
  end if;
  if comes is not distinct from was then
    return false;
  end if;
  comes.version := was.version + 1;
  update practices_switch s
     set hand = comes.hand, hand_until = comes.hand_until, hand_reason = comes.hand_reason, hand_text = comes.hand_text,
         hand_phone = comes.hand_phone, hand_actor_id = comes.hand_actor_id, closed = comes.closed, decided_by = comes.decided_by,
         reason = comes.reason, text = comes.text, phone = comes.phone, until = comes.until, since = comes.since,
         version = comes.version
   where s.id = p_switch;
  -- Inside the transaction, against the rule of the hot paths: acts are rare, and none may go unheard.
  perform pg_notify('balie', 'functions:' || p_switch);
  if (was.closed, was.decided_by) is not distinct from (comes.closed, comes.decided_by) and p_actor is null then
    return true;  -- other words, or another end of the same hours
  end if;
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  values (clock_timestamp(), p_actor, comes.practice_id,
          case when comes.closed then 'function.closed' else 'function.opened' end, 'function:' || comes.function,
          coalesce(p_why, ''),
          jsonb_strip_nulls(jsonb_build_object(
            'by', comes.decided_by, 'because', p_cause, 'reason', comes.reason,
            'culprit', coalesce(culprit, nullif(p_culprit, '')),
            'text', nullif(comes.text, ''), 'phone', nullif(comes.phone, ''), 'until', comes.until,
            'campaign', comes.campaign, 'hand', comes.hand)));
  -- Hours are ordinary: whoever set them knows them. All else is told.
  if (was.closed and was.decided_by in ('hand', 'rule')) = (comes.closed and comes.decided_by in ('hand', 'rule')) then
    return true;
  end if;
  insert into practices_notice (switch_id, version, closed, cause, reason, text, phone, culprit, actor_id)
  values (p_switch, comes.version, comes.closed and comes.decided_by in ('hand', 'rule'), p_cause, comes.reason, comes.text,
          comes.phone, coalesce(culprit, p_culprit, ''), p_actor)
  returning id into told;
  insert into mail_outbox (kind, reference, recipient, message_id)
  select 'function_switched', told || ':' || p.id, a.recipient, 'functie-' || told || '.' || p.id || '@' || p_mail_domain
    from practices_practice p
   cross join lateral (select p.email as recipient union
                       select p.second_email where p.second_email <> '') a
   where comes.campaign is null
     and (p.id = comes.practice_id
          or comes.practice_id is null and exists (
            select from practices_switch o
             where o.function = comes.function and o.practice_id = p.id
               and not (o.decided_by = 'hand' and (o.closed or comes.decided_by = 'rule'))));
  if comes.closed and to_regprocedure(format('calls_%s_v1(bigint,bigint)', comes.function)) is not null then
    execute format(
      'insert into practices_call (notice_id, practice_id, name, phone, why, waits_since)
       select $1, c.practice, c.name, c.phone, c.why, c.since from calls_%s_v1($2, $3) c', comes.function)
      using told, comes.practice_id, comes.campaign;
  end if;
  return true;
end $$;

-- A decision by hand: 'open', 'closed', or null to leave it to rules and hours again. Until p_until, or until another.
-- The switch.
create function practices_switch_by_hand_v1(
  p_function text, p_practice bigint, p_campaign bigint, p_hand text, p_until timestamptz, p_reason text, p_text text,
  p_phone text, p_actor bigint, p_why text, p_mail_domain text)
returns bigint language plpgsql as $$
declare
  switch bigint := practices_switch_lock_v1(p_function, p_practice, p_campaign);
  was practices_switch;
begin
  select s.* into strict was from practices_switch s where s.id = switch;
  if (was.hand, was.hand_until, was.hand_reason, was.hand_text, was.hand_phone)
     is not distinct from (p_hand, p_until, p_reason, p_text, p_phone) then
    return switch;  -- asked twice
  end if;
  update practices_switch s
     set hand = p_hand, hand_until = p_until, hand_reason = p_reason, hand_text = p_text, hand_phone = p_phone,
         hand_actor_id = p_actor
   where s.id = switch;
  perform practices_switch_settle_v1(switch, 'hand', '', p_actor, p_why, p_mail_domain);
  return switch;
end $$;

-- A verdict of operations: because of p_culprit this function is stopped, for everybody or for one practice; or, with
-- p_closed false, the culprit is well. Then it opens after p_stable_s seconds, if nothing else keeps it closed: say so
-- again after that, or let `balie work` do it. May be said any number of times. Whether the function is closed now.
create function practices_switch_by_rule_v1(
  p_function text, p_closed boolean, p_culprit text, p_practice bigint, p_stable_s double precision, p_mail_domain text)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  switch bigint := practices_switch_lock_v1(p_function, p_practice, null);
begin
  if p_closed then
    insert into practices_rule_closing (switch_id, culprit) values (switch, p_culprit)
    on conflict (switch_id, culprit) do update set ends_at = null;
  else
    update practices_rule_closing c
       set ends_at = coalesce(c.ends_at, clock_timestamp() + make_interval(secs => p_stable_s))
     where c.switch_id = switch and c.culprit = p_culprit;
  end if;
  perform practices_switch_settle_v1(switch, 'rule', p_culprit, null, '', p_mail_domain);
  return (select s.closed from practices_switch s where s.id = switch);
end $$;

-- What rules keep closed for everybody, and because of whom.
create function practices_rule_closings_v1() returns table (function text, culprit text)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.function, c.culprit
    from practices_rule_closing c join practices_switch s on s.id = c.switch_id
   where c.ends_at is null and s.practice_id is null and s.campaign is null
$$;

-- What the hours of a switch say now (null: it has none any more), and when they open it again. Whether that changed
-- anything.
create function practices_switch_by_schedule_v1(
  p_switch bigint, p_open boolean, p_opens_at timestamptz, p_mail_domain text)
returns boolean language plpgsql as $$
declare
  same boolean;
begin
  perform pg_advisory_xact_lock(7316, 1);
  update practices_switch s set scheduled = p_open, opens_at = p_opens_at
   where s.id = p_switch and (s.scheduled, s.opens_at) is distinct from (p_open, p_opens_at);
  return practices_switch_settle_v1(p_switch, 'schedule', '', null, '', p_mail_domain);
end $$;

-- Ends what has its end behind it: decisions by hand, stable times of rules. How many switches changed.
create function practices_switch_tick_v1(p_mail_domain text) returns bigint language plpgsql as $$
declare
  due record;
  changed bigint := 0;
begin
  if not exists (select from practices_switch s where s.hand_until <= clock_timestamp())
     and not exists (select from practices_rule_closing c where c.ends_at <= clock_timestamp()) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(7316, 1);
  for due in
    select s.id, case when s.hand_until <= clock_timestamp() then 'hand' else 'rule' end as cause,
           (select min(c.culprit) from practices_rule_closing c
             where c.switch_id = s.id and c.ends_at <= clock_timestamp()) as culprit
      from practices_switch s
     where s.hand_until <= clock_timestamp()
        or exists (select from practices_rule_closing c where c.switch_id = s.id and c.ends_at <= clock_timestamp())
     order by s.id
  loop
    changed := changed
      + practices_switch_settle_v1(due.id, due.cause, due.culprit, null, '', p_mail_domain)::int;
  end loop;
  return changed;
end $$;

-- The switch that keeps a function closed for this practice or campaign, or null. A decision by hand that closes comes
-- before one that opens, both before rules, and these before hours; whether it is about them or about everybody.
create function practices_function_closed_v1(p_function text, p_practice bigint, p_campaign bigint) returns bigint
language sql stable as $$
  select case when f.closed then f.id end
    from (select s.id, s.closed from practices_switch s
           where s.function = p_function and (s.closed or s.decided_by = 'hand')
             and (s.practice_id is null or s.practice_id = p_practice)
             and (s.campaign is null or s.campaign = p_campaign)
           order by case s.decided_by when 'hand' then case when s.closed then 0 else 1 end when 'rule' then 2 else 3 end, s.id
           limit 1) f
$$;

-- The least that `balie watch` needs: one role, two functions.
create procedure practices_admit_watch_v1() language plpgsql as $$
begin
  if not exists (select from pg_roles where rolname = 'balie_watch') then
    create role balie_watch login;
  end if;
  execute format('grant connect on database %I to balie_watch', current_database());
  grant usage on schema public to balie_watch;
  grant execute on function
    practices_switch_by_rule_v1(text, boolean, text, bigint, double precision, text), practices_rule_closings_v1()
    to balie_watch;
end $$;
revoke execute on function
  practices_switch_by_rule_v1(text, boolean, text, bigint, double precision, text), practices_rule_closings_v1()
  from public;
revoke execute on procedure practices_admit_watch_v1() from public;
