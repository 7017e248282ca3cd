-- Attempts at a password. As functions, since what PostgreSQL plans for a function it plans once, and not for each login.

-- Counts an attempt against each limit that has room for it, and says against how many that was. A limit is looked at
-- under its row's lock, so that of all who try at once no more get through than may; rows are locked in order of key.
create function practices_limit_count_v1(p_keys text[], p_most integer[], p_within_s float8[], p_at timestamptz)
returns integer language plpgsql volatile as $$
declare
  counted integer;
begin
  with wanted as (
    select key, most, p_at - make_interval(secs => within_s) as since, p_at + make_interval(secs => within_s) as until
      from unnest(p_keys, p_most, p_within_s) as given (key, most, within_s)
  )
  insert into practices_cache as kept (cache_key, value, expires)
  select key, array[p_at]::text, until from wanted order by key
  on conflict (cache_key) do update
     set expires = excluded.expires,
         value = (
           select (array(select at from unnest(kept.value::timestamptz[]) as at where at > since) || p_at)::text
             from wanted where key = kept.cache_key
         )
   where (
           select (select count(*) from unnest(kept.value::timestamptz[]) as at where at > since) < most
             from wanted where key = kept.cache_key
         );
  get diagnostics counted = row_count;
  return counted;
end $$;

-- Takes an attempt back from the limits that it was counted against.
create function practices_limit_take_back_v1(p_keys text[], p_at timestamptz)
returns void language plpgsql volatile as $$
begin
  perform from practices_cache where cache_key = any (p_keys) order by cache_key for update;
  update practices_cache
     set value = array_remove(value::timestamptz[], p_at)::text
   where cache_key = any (p_keys);
end $$;
