-- What the organiser finds practices by: a document of words for each, kept by triggers on what it is made of.

-- The words of a text, in lower case and without the accents of Dutch. Who writes and who searches cut alike.
create function practices_words_v1(p_text text) returns text[] language sql immutable parallel safe as $$
  select array_remove(regexp_split_to_array(
           lower(translate(p_text, 'áàâäãéèêëíìîïóòôöõúùûüçñÁÀÂÄÃÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÇÑ',
                                   'aaaaaeeeeiiiiooooouuuucnaaaaaeeeeiiiiooooouuuucn')), '[^[:alnum:]]+'), '')
$$;

-- An address of mail in one piece, in letters that mean nothing to a query.
create function practices_mail_word_v1(p_text text) returns text language sql immutable parallel safe as $$
  select regexp_replace(lower(p_text), '[^a-z0-9@._+-]', '', 'g')
$$;

-- Every word begins a word of the document. Null when there is nothing to look for.
create function practices_query_v1(p_text text) returns tsquery language sql immutable parallel safe as $$
  select string_agg(format('%L:*', word), ' & ')::tsquery
    from regexp_split_to_table(p_text, '\s+') typed
   cross join lateral (
     select practices_mail_word_v1(typed) as word where typed like '%_@%'
     union all
     select unnest(practices_words_v1(typed)) where typed not like '%_@%') w
   where word <> ''
$$;

-- Names and places are there with all their endings, so that "hof" finds Lindehof; codes, addresses of mail and
-- telephone numbers only from their beginning.
create function practices_write_search_v1(p_practices bigint[]) returns void language plpgsql as $$
begin
  -- 1. Who changes the name and who moves the practice come by here one after the other, and the last sees both.
  perform from practices_practice p where p.id = any(p_practices) order by p.id for no key update;

  -- 2. In a statement of its own, begun after the locks.
  insert into practices_search as s (practice_id, document)
  select p.id, array_to_tsvector(array(
           select substr(w.word, n)
             from unnest(practices_words_v1(p.name) || practices_words_v1(
                    (select string_agg(l.name || ' ' || l.city, ' ') from practices_location l where l.practice_id = p.id))) w(word)
            cross join lateral generate_series(1, greatest(1, length(w.word) - 1)) n
           union
           select word from unnest(
             practices_words_v1(concat_ws(' ', p.agb_code, p.email, p.second_email))
               || array[practices_mail_word_v1(p.email), practices_mail_word_v1(p.second_email)]
               || practices_words_v1((select string_agg(l.postcode || ' ' || replace(l.postcode, ' ', ''), ' ')
                                        from practices_location l where l.practice_id = p.id))
               || array(select d.digits
                          from (select regexp_replace(p.phone, '\D', '', 'g') as digits
                                union select regexp_replace(p.mobile, '^\+31', '0')) d)) word
            where word <> ''))
    from practices_practice p where p.id = any(p_practices)
  on conflict (practice_id) do update set document = excluded.document where s.document <> excluded.document;
end $$;

create function practices_search_practice_v1() returns trigger language plpgsql as $$
begin
  perform practices_write_search_v1(array(select id from changed));
  return null;
end $$;

-- A practice has its document from the beginning; one that is being removed may have lost it before its places.
create function practices_search_location_v1() returns trigger language plpgsql as $$
begin
  perform practices_write_search_v1(array(
    select distinct c.practice_id from changed c join practices_search s on s.practice_id = c.practice_id));
  return null;
end $$;

create trigger practices_search_added after insert on practices_practice
  referencing new table as changed for each statement execute function practices_search_practice_v1();
create trigger practices_search_changed after update on practices_practice
  referencing new table as changed for each statement execute function practices_search_practice_v1();
create trigger practices_search_added after insert on practices_location
  referencing new table as changed for each statement execute function practices_search_location_v1();
create trigger practices_search_changed after update on practices_location
  referencing new table as changed for each statement execute function practices_search_location_v1();
create trigger practices_search_removed after delete on practices_location
  referencing old table as changed for each statement execute function practices_search_location_v1();

select practices_write_search_v1(array(select id from practices_practice));
