-- Write that the server which took a mail could not hand it on yet.
update mail_outbox
set answer = %(answer)s
where id = %(mail)s
  and round = %(round)s
  and state = 'sent'
returning id
