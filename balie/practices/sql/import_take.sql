-- Take the oldest import that has something to be done, or whose worker has not been heard of for a while.
with due as (
    select id
    from practices_import_job
    where state in ('waiting', 'wanted')
       or (state in ('checking', 'writing') and taken_until < clock_timestamp())
    order by id
    limit 1
    for update skip locked
)
update practices_import_job j
set state = case j.state when 'waiting' then 'checking' when 'wanted' then 'writing' else j.state end,
    taken_by = %(worker)s,
    taken_until = clock_timestamp() + %(lease_s)s * interval '1 second',
    attempts = j.attempts + 1,
    losses = j.losses + case when j.state in ('checking', 'writing') then 1 else 0 end
from due
where j.id = due.id
returning j.id, j.attempts
