-- What logging in leaves behind and no longer counts: attempts and used codes past their time, sessions that ended.
-- Django's cache counts its whole table whenever it writes a row, some ten times a login; nobody else empties it before
-- it has a hundred thousand rows.
with attempts as (
    delete from practices_cache where expires < clock_timestamp()
)
delete from django_session where expire_date < clock_timestamp()
