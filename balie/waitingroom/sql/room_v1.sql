-- Joining, the freezes, the draws and the calling of numbers. The room's row is the lock of its lists.

-- One ticket per holder, for many holders at once, in the round where the holder was placed, else in the last. Whoever
-- comes after the freeze of the own round gets the next number at once.
-- Outcomes: joined (also when repeated), not_open, closed. One row per holder, in the order asked.
create function waitingroom_join_batch_v1(p_room bigint, p_holders bigint[])
returns table (
  place int, outcome text, ticket uuid, arrival bigint, arrived_at timestamptz, number int, called boolean, round int)
language plpgsql as $$
declare
  room waitingroom_room;
  fresh bigint[];
  rounds int;
  frozen int;   -- rounds freeze in their order, so these are the first ones
  late int := 0;
begin
  select * into room from waitingroom_room r where r.id = p_room for no key update;
  if not found or clock_timestamp() < room.doors_at then
    return query select o::int, 'not_open', null::uuid, null::bigint, null::timestamptz, null::int, false, null::int
                   from generate_subscripts(p_holders, 1) o;
    return;
  end if;

  -- Read under the lock, in a statement of its own: what another batch has just committed is seen here.
  fresh := array(
    select h from unnest(p_holders) with ordinality u(h, o)
     where not exists (select from waitingroom_ticket t where t.room_id = p_room and t.holder = h)
     group by h order by min(o));
  if clock_timestamp() < room.closes_at and cardinality(fresh) > 0 then
    select count(*), count(w.frozen_at) into rounds, frozen from waitingroom_round w where w.room_id = p_room;
    with placed as (
      select u.h as holder, u.o,
             coalesce((select p.round from waitingroom_placement p where p.room_id = p_room and p.holder = u.h), rounds)
               as round
        from unnest(fresh) with ordinality u(h, o)),
    added as (
      insert into waitingroom_ticket (id, room_id, holder, arrival, arrived_at, round, number)
      select gen_random_uuid(), p_room, d.holder, room.arrivals + d.o, clock_timestamp(), d.round,
             case when d.round <= frozen
                  then room.last + count(*) filter (where d.round <= frozen) over (order by d.o) end
        from placed d
      returning waitingroom_ticket.number)
    select count(a.number) into late from added a;
    update waitingroom_room r set arrivals = r.arrivals + cardinality(fresh), last = r.last + late where r.id = p_room;
  end if;

  return query
    select u.o::int, case when t.id is null then 'closed' else 'joined' end,
           t.id, t.arrival, t.arrived_at, t.number, coalesce(t.number <= room.called, false), t.round::int
      from unnest(p_holders) with ordinality u(h, o)
      left join lateral (
        select k.id, k.arrival, k.arrived_at, k.number, k.round from waitingroom_ticket k
         where k.room_id = p_room and k.holder = u.h) t on true
     order by u.o;
end $$;

-- Freeze the list of the next round: from here on it is what its draw is about. Its numbers go on after the last one
-- given out. Answers which round this call froze; null when none was due.
create function waitingroom_freeze_v1(p_room bigint, p_fence bigint) returns int language plpgsql as $$
declare
  next record;
  tickets int;
  hash bytea;
begin
  if not runtime_fence_holds_v1('night', p_fence) then
    return null;
  end if;
  perform from waitingroom_room r where r.id = p_room for no key update;
  select w.id, w.position, w.draw_at into next
    from waitingroom_round w where w.room_id = p_room and w.frozen_at is null order by w.position limit 1;
  if not found or next.draw_at > clock_timestamp() then
    return null;
  end if;
  select count(*), sha256(convert_to(coalesce(string_agg(t.id::text, e'\n' order by t.id::text collate "C"), ''), 'UTF8'))
    into tickets, hash
    from waitingroom_ticket t where t.room_id = p_room and t.round = next.position;
  update waitingroom_round w
     set frozen_at = clock_timestamp(), drawn_count = tickets, list_hash = hash,
         first_number = (select r.last + 1 from waitingroom_room r where r.id = p_room)
   where w.id = next.id;
  update waitingroom_room set last = last + tickets where id = p_room;
  return next.position;
end $$;

-- Write the numbers that the draw of a round gave, once. Answers true when this call did it.
create function waitingroom_draw_v1(p_room bigint, p_fence bigint, p_round int, p_tickets uuid[], p_beacon jsonb)
returns boolean language plpgsql as $$
declare
  drawn record;
begin
  if not runtime_fence_holds_v1('night', p_fence) then
    return false;
  end if;
  perform from waitingroom_room r where r.id = p_room for no key update;
  select w.id, w.first_number into drawn from waitingroom_round w
    where w.room_id = p_room and w.position = p_round and w.frozen_at is not null and w.drawn_at is null
      and w.drawn_count = cardinality(p_tickets);
  if not found then
    return false;
  end if;
  update waitingroom_ticket t set number = drawn.first_number - 1 + u.o
    from unnest(p_tickets) with ordinality u(ticket, o)
   where t.id = u.ticket and t.room_id = p_room and t.round = p_round and t.number is null;
  update waitingroom_round set drawn_at = clock_timestamp(), beacon = p_beacon where id = drawn.id;
  return true;
end $$;

-- Call the next numbers, at most p_count, never past the last and never past those of a draw that is not done yet.
-- Answers how many were called.
create function waitingroom_call_v1(p_room bigint, p_fence bigint, p_count int) returns int language plpgsql as $$
declare
  room waitingroom_room;
  after int;
  at timestamptz;
begin
  if not runtime_fence_holds_v1('night', p_fence) then
    return 0;
  end if;
  select * into room from waitingroom_room r
    where r.id = p_room and not r.paused and clock_timestamp() < r.closes_at for no key update;
  if not found then
    return 0;
  end if;
  select least(room.called + p_count, room.last, min(w.first_number) filter (where w.drawn_at is null) - 1) into after
    from waitingroom_round w where w.room_id = p_room and w.frozen_at is not null;
  if after <= room.called then
    return 0;
  end if;
  update waitingroom_room set called = after where id = p_room;
  at := clock_timestamp();  -- one moment for all: row by row, a larger number might be called before a smaller one
  update waitingroom_ticket set called_at = at
   where room_id = p_room and number > room.called and number <= after;
  return after - room.called;
end $$;
