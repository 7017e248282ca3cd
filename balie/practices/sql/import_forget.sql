-- What is older than a month is no longer needed: files that nobody did anything with, and reports with people in them.
with old as (
    update practices_import_job
    set content = null,
        state = case when state in ('waiting', 'checking', 'ready', 'wanted') then 'cancelled' else state end,
        finished_at = coalesce(finished_at, clock_timestamp())
    where uploaded_at < clock_timestamp() - interval '30 days'
      and state <> 'writing'
      and (content is not null or exists (select from practices_import_line l where l.job_id = practices_import_job.id))
    returning id
)
delete from practices_import_line where job_id in (select id from old)
