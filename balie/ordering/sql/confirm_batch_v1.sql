-- Confirming: what is held becomes an order, for many practices in one transaction.

-- p_elapsed_ms[i] is how long ago request i reached us; that moment is judged. One answer per request, in the order
-- asked, with an outcome of docs/spec/live.md. A repeated request gets the same number, and so does a late one in the
-- batch of a timely twin. Order, lines, audit event and mail rows are written together. Locks no day, except to take
-- back what the sweeper gave away although the click was in time. Never raises for a business outcome. Where the actor
-- is null, Balie itself orders what was prepared, and the audit event says so. The hold is that of p_slots[i], of the
-- first order where they are left out; twins have the same.
create function ordering_confirm_batch_v1(
  p_campaign bigint, p_practices bigint[], p_keys uuid[], p_actors bigint[], p_elapsed_ms int[], p_mail_domain text,
  p_slots smallint[] default null)
returns table (outcome text, number text, placed_at timestamptz, hold_key uuid)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
  asked constant int := cardinality(p_practices);
  slots constant smallint[] := coalesce(p_slots, array_fill(0::smallint, array[asked]));
  wall constant timestamptz := clock_timestamp();
  service constant timestamptz := service_now();
  received timestamptz;
  campaign record;
  hold record;
  n int := 0;
  at int;
  -- Hold rows, with who clicked first in time and when.
  practices bigint[] := '{}';
  places smallint[] := '{}';  -- their slots
  rows_at tid[] := '{}';
  states text[] := '{}';
  keys uuid[] := '{}';
  ends timestamptz[] := '{}';
  actors bigint[] := '{}';
  clicks timestamptz[] := '{}';
  answers text[] := '{}';
  swept bigint[] := '{}';
  swept_slots smallint[] := '{}';
  gone bigint[] := '{}';  -- swept, and somebody else has the capacity now
  fresh record;
begin
  select c.version, c.slug,
         case when c.trial_of_id is null then 'B' || to_char(c.year % 100, 'FM00') else 'OEF' end as prefix
    into strict campaign from ordering_campaign c where c.id = p_campaign;

  -- 1. The practices' rows, in their order.
  for hold in
    select l.ctid as row_at, l.practice_id, l.slot, l.state, l.hold_key, l.expires_at, l.blocked
      from (select distinct x.practice, x.slot
              from unnest(p_practices, slots) x(practice, slot) order by x.practice, x.slot) u
     cross join lateral (
       select h.ctid, h.practice_id, h.slot, h.state, h.hold_key, h.expires_at, h.blocked
         from ordering_hold h
        where h.campaign_id = p_campaign and h.practice_id = u.practice and h.slot = u.slot for no key update of h) l
  loop
    n := n + 1;
    rows_at[n] := hold.row_at;
    practices[n] := hold.practice_id;
    places[n] := hold.slot;
    states[n] := case when hold.blocked and hold.state <> 'ordered' then 'blocked' else hold.state end;
    keys[n] := hold.hold_key;
    ends[n] := hold.expires_at;
    actors[n] := null;
    clicks[n] := null;
  end loop;

  -- 2. Judge each click by the moment it reached us.
  for i in 1 .. asked loop
    at := array_position(practices, p_practices[i]);
    received := service - greatest(p_elapsed_ms[i], 0) * interval '1 millisecond';
    answers[i] := case
      when states[at] = 'blocked' then 'blocked'
      when at is null or states[at] = 'none' then 'no_hold'
      when keys[at] <> p_keys[i] then 'replaced'
      when states[at] = 'ordered' or received <= ends[at] then 'ordered'
      else 'lapsed' end;
    if answers[i] = 'ordered' and states[at] <> 'ordered' and clicks[at] is null then
      clicks[at] := received;
      actors[at] := p_actors[i];
      if states[at] = 'lapsed' then
        swept := swept || practices[at];
        swept_slots := swept_slots || places[at];
      end if;
    end if;
  end loop;
  if swept <> '{}' then
    gone := array(select u.practice from unnest(swept, ordering_move_holds_v1(p_campaign, swept, 1, swept_slots))
                     u(practice, taken)
                   where not u.taken);
  end if;
  for i in 1 .. asked loop
    at := array_position(practices, p_practices[i]);
    if answers[i] in ('ordered', 'lapsed') and clicks[at] is not null then
      answers[i] := case when practices[at] = any(gone) then 'full' else 'ordered' end;
    end if;
  end loop;

  -- 3. The orders and all that goes with them.
  select clock_timestamp() as at, array_agg(u.id) as ids,
         array_agg(campaign.prefix || '-' || lpad(u.id::text, greatest(5, length(u.id::text)), '0')) as numbers,
         array_agg(u.practice) as practices, array_agg(u.slot) as slots, array_agg(u.row_at) as rows_at,
         array_agg(u.key) as keys, array_agg(u.actor) as actors,
         array_agg(jsonb_build_object(
           'campaign', campaign.slug, 'clicked_at', u.click, 'window_ends_at', u.ends)
             || case when u.slot > 0 then jsonb_build_object('kind', ordering_slot_kind_v1(u.slot))
                     when u.actor is null then '{"auto": true}'::jsonb else '{}' end) as details
    into fresh
    from (select x.practice, x.slot, x.row_at, x.key, x.actor, x.click, x.ends, nextval('ordering_order_id_seq') as id
            from unnest(practices, places, rows_at, keys, actors, clicks, ends)
                   x(practice, slot, row_at, key, actor, click, ends)
           where x.click is not null and x.practice <> all(gone)) u;
  if fresh.ids is not null then
    insert into ordering_order
      (id, number, campaign_id, campaign_version, practice_id, slot, hold_key, placed_at, placed_by_id)
    select u.id, u.number, p_campaign, campaign.version, u.practice, u.slot, u.key, fresh.at, u.actor
      from unnest(fresh.ids, fresh.numbers, fresh.practices, fresh.slots, fresh.keys, fresh.actors)
             u(id, number, practice, slot, key, actor);
    insert into ordering_order_line (order_id, day, product_id, doses, location_id, address)
    select u.id, l.day, l.product, l.doses, l.location,
           (select a.street || ', ' || a.postcode || ' ' || a.city from practices_location a where a.id = l.location)
      from unnest(fresh.ids, fresh.rows_at) u(id, row_at)
      join ordering_hold h on h.ctid = u.row_at
     cross join lateral unnest(h.line_day, h.line_product, h.line_doses, h.line_location)
                          l(day, product, doses, location);
    insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
    select fresh.at, u.actor, u.practice, 'order.placed', u.number,
           coalesce((select m.reason from practices_mandate m  -- staff who order for a practice that phoned
                      where m.person_id = u.actor and m.practice_id = u.practice
                        and m.ends_at > fresh.at - interval '1 minute' order by m.id desc limit 1), ''),
           u.detail
      from unnest(fresh.actors, fresh.practices, fresh.numbers, fresh.details) u(actor, practice, number, detail);
    insert into mail_outbox
      (kind, reference, recipient, message_id, state, attempts, next_attempt_at, taken_by, created_at, answer)
    select 'order_confirmation', u.number, a.recipient,
           lower(u.number) || '.' || campaign.slug || '@' || p_mail_domain, 'queued', 0, fresh.at, '', fresh.at, ''
      from unnest(fresh.numbers, fresh.practices) u(number, practice)
     cross join lateral ordering_recipients_v1(u.practice) a(recipient);
    update ordering_hold h set state = 'ordered', version = h.version + 1 where h.ctid = any(fresh.rows_at);
  end if;
  insert into ordering_hold_log (campaign_id, act, at, service_at, practices, keys, actors, elapsed_ms, outcomes)
  values (p_campaign, 'confirm', wall, service, p_practices, p_keys, p_actors, p_elapsed_ms, answers);

  return query
    select u.answer, o.number, o.placed_at,
           case u.answer when 'replaced' then keys[array_position(practices, u.practice)] else u.key end
      from unnest(p_practices, slots, p_keys, answers) with ordinality u(practice, slot, key, answer, place)
      left join lateral (
        select x.number, x.placed_at from ordering_order x
         where x.campaign_id = p_campaign and x.practice_id = u.practice and x.slot = u.slot
           and u.answer = 'ordered' offset 0) o on true
     order by u.place;
end $$;

-- Where mail to a practice goes: one address or two.
create function ordering_recipients_v1(p_practice bigint) returns table (recipient text) language sql stable as $$
  select p.email::text from practices_practice p where p.id = p_practice
  union all
  select p.second_email from practices_practice p
   where p.id = p_practice and p.second_email <> '' and lower(p.second_email) <> lower(p.email)
$$;
