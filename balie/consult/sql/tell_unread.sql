-- Whoever has a message that none of its readers looked at for a while is told so by mail: once, until they have read
-- something again. Each message is looked at once, when its time is over; the cursor says up to which. Messages of one
-- feed have their times in its order. Who finds the cursor taken leaves it to the other.
with cursor as materialized (
  select c.checked from consult_unread_cursor c for no key update skip locked
), due as materialized (
  select m.feed, m.group_id, m.place, d.identity_id as author
    from cursor c
    join consult_message m on m.feed > c.checked
    join consult_device d on d.id = m.device_id
   where m.received_at <= clock_timestamp() - make_interval(secs => %(quiet_s)s)
   order by m.feed limit %(most)s
), moved as (
  update consult_unread_cursor set checked = (select max(due.feed) from due) where exists (select from due)
), readers as (
  select distinct i.id, p.email
    from due
   cross join lateral consult_audience_v1(due.group_id) a
    join consult_identity i on i.person_id = a.person_id
    join practices_person p on p.id = a.person_id
   where a.since <= due.feed and i.id <> due.author and p.is_active and not practices_is_software_v1(p.id)
     and not exists (
       select from consult_reading r
        where r.group_id = due.group_id and r.identity_id <> due.author and r.read >= due.place)
), told as (
  insert into consult_unread_mail (identity_id, wanted, mailed_at)
  select r.id, true, clock_timestamp() from readers r
  on conflict (identity_id) do update set mailed_at = excluded.mailed_at
   where consult_unread_mail.wanted
     and (consult_unread_mail.mailed_at is null
          or exists (
            select from consult_reading b
             where b.identity_id = consult_unread_mail.identity_id and b.read_at > consult_unread_mail.mailed_at))
  returning identity_id
), mailed as (
  insert into mail_outbox (kind, reference, recipient, message_id)
  select %(kind)s, t.identity_id, r.email, gen_random_uuid() || '@' || %(mail_domain)s
    from told t join readers r on r.id = t.identity_id
)
select count(*) from told
