-- Say how far an import is, and keep it for another while. No row comes back once it was cancelled or is another's.
update practices_import_job
set rows_read = %(read)s,
    rows_checked = %(checked)s,
    rows_written = %(written)s,
    rows = greatest(rows, %(rows)s),
    taken_until = clock_timestamp() + %(lease_s)s * interval '1 second'
where id = %(job)s
  and attempts = %(attempt)s
  and state in ('checking', 'writing')
returning id
