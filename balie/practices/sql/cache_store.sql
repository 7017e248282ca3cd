-- Keeps one value; over one that has not ended yet only where that is wanted.
insert into practices_cache as kept (cache_key, value, expires)
values (%(key)s, %(value)s, %(expires)s)
on conflict (cache_key) do update set value = excluded.value, expires = excluded.expires
 where %(over)s or kept.expires < %(now)s
