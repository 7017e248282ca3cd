-- Budgets of requests that all processes share: `p_rate` a second on average and `p_most` at once for each key.

-- Takes one request from the budget of this key, where there is one, and says whether there was and how much is left.
-- The row is locked by writing it, so that of all who ask at once, in whatever process, no more get through than may.
-- Kept as {left, since when, whether the last one was let through}, until all would be there again.
create function practices_budget_take_v1(p_key text, p_rate float8, p_most float8)
returns table (taken boolean, remaining float8) language plpgsql volatile as $$
declare
  now_s constant float8 := extract(epoch from clock_timestamp());
begin
  return query
  insert into practices_cache as kept (cache_key, value, expires)
  values (p_key, array[p_most - 1, now_s, 1]::text, to_timestamp(now_s + p_most / p_rate))
  on conflict (cache_key) do update
     set expires = excluded.expires,
         value = (
           select array[b.there - (b.there >= 1)::int, greatest(now_s, b.since), (b.there >= 1)::int]::text
             from (select least(p_most, v[1] + greatest(0, now_s - v[2]) * p_rate) as there, v[2] as since
                     from (select kept.value::float8[]) as stored (v)) b)
  returning (kept.value::float8[])[3] = 1, (kept.value::float8[])[1];
end $$;
