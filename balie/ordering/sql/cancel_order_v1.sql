-- Cancelling a whole order: its doses and addresses go back, and it moves to where cancelled orders are kept.

-- p_at is when the request reached us. Outcomes: cancelled, also when it was cancelled before, with the moment of then;
-- late, after the free limit, unless the organiser has p_granted it for p_fee cents; delivered, from the first delivery
-- day on; no_order. The number says which order is meant: who has ordered anew since keeps that order.
-- The hold row starts again at nothing, so the practice may order anew; Balie no longer does so for it.
create function ordering_cancel_order_v1(
  p_campaign bigint, p_practice bigint, p_number text, p_actor bigint, p_at timestamptz, p_granted boolean, p_fee int,
  p_reason text, p_mail_domain text, out outcome text, out cancelled_at timestamptz)
language plpgsql
as $$
#variable_conflict use_column
declare
  today constant date := (p_at at time zone 'Europe/Amsterdam')::date;
  placed record;
  lines record;
  outdated text[];
begin
  -- 1. The practice's rows: the lock of its orders.
  perform from ordering_hold h
    where h.campaign_id = p_campaign and h.practice_id = p_practice order by h.slot for no key update;

  -- 2. In a statement of its own, begun after the lock.
  select o.id, o.slot, o.campaign_version, o.hold_key, o.placed_at, o.placed_by_id, o.revision, c.slug into placed
    from ordering_order o join ordering_campaign c on c.id = o.campaign_id
   where o.campaign_id = p_campaign and o.practice_id = p_practice and o.number = p_number;
  if placed.id is null then
    select x.cancelled_at into cancelled_at from ordering_cancelled_order x
     where x.campaign_id = p_campaign and x.practice_id = p_practice and x.number = p_number;
    outcome := case when cancelled_at is null then 'no_order' else 'cancelled' end;
    return;
  end if;
  select min(l.day) as first_day, array_agg(l.day order by l.id) as days, array_agg(l.product_id order by l.id) as products,
         array_agg(l.doses order by l.id) as doses, array_agg(l.location_id order by l.id) as locations,
         array_agg(l.address order by l.id) as addresses
    into lines from ordering_order_line l where l.order_id = placed.id;
  outcome := case
    when today >= lines.first_day then 'delivered'
    when not p_granted and today > ordering_last_free_day_v1(p_campaign, lines.first_day) then 'late'
    else 'cancelled' end;
  if outcome <> 'cancelled' then
    return;
  end if;

  -- 3. The days, and the order with all that goes with it.
  perform ordering_move_holds_v1(p_campaign, array[p_practice], -1, array[placed.slot]);
  cancelled_at := clock_timestamp();
  insert into ordering_cancelled_order
    (id, number, campaign_id, campaign_version, practice_id, slot, hold_key, placed_at, placed_by_id, line_day,
     line_product, line_doses, line_location, line_address, cancelled_at, cancelled_by_id, granted, fee_cents, reason)
  values
    (placed.id, p_number, p_campaign, placed.campaign_version, p_practice, placed.slot, placed.hold_key,
     placed.placed_at, placed.placed_by_id, lines.days, lines.products, lines.doses, lines.locations, lines.addresses,
     cancelled_at, p_actor, p_granted, p_fee, p_reason);
  delete from ordering_order_line l where l.order_id = placed.id;
  delete from ordering_order o where o.id = placed.id;
  update ordering_hold h
     set state = 'none', hold_key = null, held_at = null, expires_at = null, held_by = null,
         line_product = '{}', line_location = '{}', line_doses = '{}', line_day = '{}', version = h.version + 1
   where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = placed.slot;
  update ordering_prepared_order p set auto = 'off'
   where placed.slot = 0 and p.campaign_id = p_campaign and p.practice_id = p_practice and p.auto <> 'off';
  update ordering_late_request r set state = 'overtaken', decided_at = cancelled_at
   where r.number = p_number and r.state = 'open';
  insert into practices_audit_event (at, actor_id, practice_id, action, subject, reason, detail)
  select cancelled_at, p_actor, p_practice, 'order.cancelled', p_number,
         coalesce(nullif(p_reason, ''),
                  (select m.reason from practices_mandate m  -- staff who do it for a practice that phoned
                    where m.person_id = p_actor and m.practice_id = p_practice
                      and m.ends_at > cancelled_at - interval '1 minute' order by m.id desc limit 1), ''),
         jsonb_build_object(
           'campaign', placed.slug, 'asked_at', p_at, 'granted', p_granted, 'fee_cents', p_fee,
           'before', (select jsonb_agg(jsonb_build_object(
                               'day', u.day, 'product', u.product, 'doses', u.doses, 'address', u.address) order by u.place)
                        from unnest(lines.days, lines.products, lines.doses, lines.addresses) with ordinality
                               u(day, product, doses, address, place)));

  -- 4. Mails that have not left would say what is no longer so. In their place goes one mail that says what is.
  outdated := p_number || array(select p_number || ':' || revision from generate_series(1, placed.revision) revision);
  delete from ordering_mail_mark k using mail_outbox m
   where m.reference = any(outdated) and m.kind in ('order_confirmation', 'order_changed') and m.state = 'queued'
     and k.mail_id = m.id;
  delete from mail_outbox m
   where m.reference = any(outdated) and m.kind in ('order_confirmation', 'order_changed') and m.state = 'queued';
  delete from sms_outbox s where s.reference = p_number and s.kind = 'order_placed' and s.state = 'queued';
  insert into mail_outbox (kind, reference, recipient, message_id)
  select 'order_cancelled', p_number, a.recipient,
         lower(p_number) || '.cancelled.' || placed.slug || '@' || p_mail_domain
    from ordering_recipients_v1(p_practice) a(recipient);
end $$;
