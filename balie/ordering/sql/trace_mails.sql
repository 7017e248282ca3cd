-- Give the mails of orders that this transaction placed their place in a trace. Mails of before keep theirs.
update mail_outbox m
set trace = t.trace
from unnest(%(numbers)s::text[], %(traces)s::text[]) as t(number, trace)
where m.reference = t.number
  and m.kind = 'order_confirmation'
  and m.trace = ''
  and m.created_at >= now()
