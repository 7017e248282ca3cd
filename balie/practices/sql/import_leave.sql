-- Let another worker take this import at once: ours must stop.
update practices_import_job
set state = case state when 'checking' then 'waiting' else 'wanted' end
where id = %(job)s
  and attempts = %(attempt)s
  and state in ('checking', 'writing')
