-- Takes back the order that a practice placed in a trial: its lines, its places, its mail that is still here. Answers
-- whether there was one. In any campaign but a trial nothing happens: an order that was placed stands (P1).
create function ordering_undo_trial_v1(p_campaign bigint, p_practice bigint) returns boolean language plpgsql as $$
begin
  perform from ordering_campaign c where c.id = p_campaign and c.trial_of_id is not null;
  if not found then
    return false;
  end if;
  perform from ordering_hold h
    where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0 and h.state = 'ordered'
      for no key update;
  if not found then
    return false;
  end if;
  perform ordering_move_holds_v1(p_campaign, array[p_practice], -1);
  delete from ordering_mail_mark k using mail_outbox m, ordering_order o
   where o.campaign_id = p_campaign and o.practice_id = p_practice and m.reference = o.number and m.state = 'queued'
     and k.mail_id = m.id;
  delete from mail_outbox m using ordering_order o
   where o.campaign_id = p_campaign and o.practice_id = p_practice and m.reference = o.number and m.state = 'queued';
  delete from ordering_order_line l using ordering_order o
   where o.id = l.order_id and o.campaign_id = p_campaign and o.practice_id = p_practice;
  delete from ordering_order o where o.campaign_id = p_campaign and o.practice_id = p_practice;
  update ordering_hold h
     set state = 'none', hold_key = null, held_at = null, expires_at = null, held_by = null,
         line_product = '{}', line_location = '{}', line_doses = '{}', line_day = '{}', version = h.version + 1
   where h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0;
  return true;
end $$;
