-- A mail to a practice about an outage, at both its addresses, written by `balie watch`: once for each p_message, however
-- often it is asked. How many addresses that was new for.
create function practices_tell_v1(p_practice bigint, p_message text, p_subject text, p_text text) returns bigint
language sql security definer set search_path = public, pg_temp as $$
  with told as (
    insert into mail_outbox (kind, reference, recipient, message_id, body)
    select 'account_message', 'practice:' || p.id, a.recipient, p_message,
           jsonb_build_object('subject', p_subject, 'text', p_text, 'html', '', 'language', 'nl')
      from practices_practice p
     cross join lateral (select p.email as recipient union
                         select p.second_email where p.second_email <> '') a
     where p.id = p_practice
    on conflict (message_id, recipient) do nothing
    returning 1)
  select count(*) from told
$$;

-- Lets the role balie_watch, where there is such a role, write these mails.
create procedure practices_admit_telling_v1() language plpgsql as $$
begin
  if exists (select from pg_roles where rolname = 'balie_watch') then
    grant execute on function practices_tell_v1(bigint, text, text, text) to balie_watch;
  end if;
end $$;
revoke execute on function practices_tell_v1(bigint, text, text, text) from public;
revoke execute on procedure practices_admit_telling_v1() from public;
call practices_admit_telling_v1();
