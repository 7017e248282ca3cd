-- What whoever judges an installation from outside may read; docs/spec/live.md describes the columns.

create schema judge;

create view judge.orders as
select campaign_id as campaign, practice_id as practice, number, hold_key, placed_at, placed_by_id is null as auto
  from ordering_order;

create view judge.order_lines as
select o.campaign_id as campaign, o.number, l.day, l.product_id as product, l.doses, l.location_id as location,
       l.address
  from ordering_order_line l join ordering_order o on o.id = l.order_id;

create view judge.days as
select campaign_id as campaign, day, doses_limit, addresses_limit, doses_taken, addresses_taken
  from ordering_delivery_day;

create view judge.holds as
select h.campaign_id as campaign, h.practice_id as practice, h.hold_key, h.state, h.expires_at,
       l.day, l.product, l.doses, l.location
  from ordering_hold h
  left join lateral unnest(h.line_day, h.line_product, h.line_doses, h.line_location)
    as l(day, product, doses, location) on true;

create view judge.tickets as
select c.id as campaign, t.id as ticket, t.holder as practice, t.arrived_at, t.number, t.called_at, t.round
  from waitingroom_ticket t join ordering_campaign c on c.room_id = t.room_id;

create view judge.mail as
select reference, recipient, message_id, state, attempts, created_at, sent_at from mail_outbox;

create view judge.clock as
select service_now() as service_now, clock_timestamp() as wall_now;

-- Lets the role balie_judge, where it exists, read the views. service_now() reads the clock's row as whoever asks.
create procedure judge.admit_v1() language plpgsql as $$
begin
  if exists (select from pg_roles where rolname = 'balie_judge') then
    grant usage on schema judge to balie_judge;
    grant select on all tables in schema judge to balie_judge;
    grant select on runtime_clock to balie_judge;
  end if;
end $$;

call judge.admit_v1();
