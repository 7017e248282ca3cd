-- Django's cache, in the shape its database backend expects: failed logins and used codes. Unlogged: after a crash it is
-- empty, which forgives whoever was guessing and costs nobody else anything.
create unlogged table practices_cache (
  cache_key varchar(255) primary key,
  value text not null,
  expires timestamptz not null
);

create index practices_cache_expires on practices_cache (expires);
