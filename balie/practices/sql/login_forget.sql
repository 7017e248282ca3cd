-- What logging in leaves behind and no longer counts: attempts and used codes past their time, sessions that ended.
-- Nobody else empties these tables.
with attempts as (
    delete from practices_cache where expires < clock_timestamp()
)
delete from django_session where expire_date < clock_timestamp()
