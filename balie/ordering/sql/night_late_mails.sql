-- How many confirmations of a campaign had waited for more than a minute, at every second in which that changed.
with late as (
  select m.created_at + interval '1 minute' as since, m.sent_at as until
    from ordering_order o
   cross join lateral (  -- by their index, however many other years' mails there are
     select m.created_at, m.sent_at, m.state from mail_outbox m
      where m.reference = o.number and m.kind = 'order_confirmation' offset 0) m
   where o.campaign_id = %(campaign)s and m.state <> 'failed'
     and coalesce(m.sent_at, clock_timestamp()) > m.created_at + interval '1 minute'),
changes as (
  select date_trunc('second', since) as at, 1 as change from late
  union all select date_trunc('second', until), -1 from late where until is not null)
select at, sum(sum(change)) over (order by at)::int as late from changes group by at order by at
