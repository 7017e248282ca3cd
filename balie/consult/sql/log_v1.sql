-- The log of who did what: a book for each group and for each person, each a chain of hashes. Entries stay as they are.

-- A field of a hash as docs/spec/consult/envelope.md writes it: two bytes of length, then the text.
create function consult_field_v1(p_text text) returns bytea
language sql immutable as $$
  select substring(int4send(octet_length(convert_to(p_text, 'UTF8'))) from 3) || convert_to(p_text, 'UTF8')
$$;

-- A time as the log writes it.
create function consult_moment_v1(p_at timestamptz) returns text
language sql immutable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Write down what somebody did: in the book of a group, or (null) in their own. One entry for each, in the order of the
-- books, so that those who write in several do not wait in a circle.
create function consult_log_v1(p_identity text, p_groups bigint[], p_whats text[], p_details text[]) returns void
language plpgsql as $$
declare
  r record;
  book record;
  now_at timestamptz := date_trunc('milliseconds', clock_timestamp());
  hashed text;
begin
  for r in
    select u.group_id, u.what, u.detail, coalesce(g.name, p_identity) as name
      from unnest(p_groups, p_whats, p_details) with ordinality u(group_id, what, detail, at)
      left join consult_group g on g.id = u.group_id
     order by u.group_id nulls last, u.at
  loop
    -- The book's row stays locked until the commit.
    if r.group_id is null then
      insert into consult_log_book as b (identity_id, number, hash) values (p_identity, 1, '')
      on conflict (identity_id) do update set number = b.number + 1 returning b.id, b.number, b.hash into book;
    else
      insert into consult_log_book as b (group_id, number, hash) values (r.group_id, 1, '')
      on conflict (group_id) do update set number = b.number + 1 returning b.id, b.number, b.hash into book;
    end if;
    hashed := translate(encode(sha256(
      convert_to('balie/1/log-entry', 'UTF8') || '\x00'::bytea || consult_field_v1(r.name)
      || consult_field_v1(book.number::text) || consult_field_v1(consult_moment_v1(now_at)) || consult_field_v1(r.what)
      || consult_field_v1(p_identity) || consult_field_v1(r.detail) || consult_field_v1(book.hash)), 'base64'),
      '+/=', '-_');
    update consult_log_book b set hash = hashed where b.id = book.id;
    insert into consult_log_entry (book_id, number, at, what, identity_id, detail, previous, hash)
    values (book.id, book.number, now_at, r.what, p_identity, r.detail, book.hash, hashed);
  end loop;
end $$;

create function consult_log_only_grows_v1() returns trigger
language plpgsql as $$
begin
  raise exception 'consult_log_entry only grows: % is refused', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;

create trigger consult_log_only_grows before update or delete on consult_log_entry
  for each row execute function consult_log_only_grows_v1();

create trigger consult_log_is_never_emptied before truncate on consult_log_entry
  for each statement execute function consult_log_only_grows_v1();

-- Take over what one of somebody's devices says, of conversations they belong to; where something changed, up to where
-- they have read, and whether they have read on.
create function consult_read_v2(p_person bigint, p_groups text[], p_delivered bigint[], p_read bigint[])
returns table (group_id bigint, read bigint, read_on boolean)
language sql volatile as $$
  insert into consult_reading as r (group_id, identity_id, delivered, read, read_at)
  select g.id, i.id, least(greatest(u.delivered, u.read), g.last), least(u.read, g.last),
         case when least(u.read, g.last) > 0 then now() end
    from unnest(p_groups, p_delivered, p_read) u(name, delivered, read)
    join consult_group g on g.name = u.name and g.kind = 'conversation'
    join consult_identity i on i.person_id = p_person
   where consult_belongs_v1(g.id, p_person)
   order by g.id
  on conflict (group_id, identity_id) do update
     set delivered = greatest(r.delivered, excluded.delivered), read = greatest(r.read, excluded.read),
         read_at = case when excluded.read > r.read then excluded.read_at else r.read_at end
   where excluded.delivered > r.delivered or excluded.read > r.read
  returning r.group_id, r.read, r.read_at is not distinct from now()
$$;
