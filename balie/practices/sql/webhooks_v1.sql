-- Whoever wants to be told of a practice's orders is, by rows that are written in the transaction of what happened.

-- What is told is what is logged: an act on an order without a row in the log of acts does not exist, so none is
-- forgotten, whichever function did it. One statement for all rows of a batch. Nothing here can fail for what somebody
-- asked for: webhooks are never deleted.
create function practices_tell_webhooks_v1() returns trigger language plpgsql as $$
begin
  insert into practices_webhook_delivery (webhook_id, kind, subject, at)
  select w.id, a.action, a.subject, a.at
    from added a join practices_webhook w on w.practice_id = a.practice_id and w.ended_at is null
   where a.action like 'order.%'
   order by a.id;
  return null;
end $$;

create trigger practices_tell_webhooks after insert on practices_audit_event
  referencing new table as added for each statement execute function practices_tell_webhooks_v1();
