-- Joining, the freeze, the draw and the calling of numbers. The room's row is the lock of its list.

-- One ticket per holder, for many holders at once. Whoever comes after the freeze gets the next number at once.
-- Outcomes: joined (also when repeated), not_open, closed. One row per holder, in the order asked.
create function waitingroom_join_batch_v1(p_room bigint, p_holders bigint[])
returns table (place int, outcome text, ticket uuid, arrival bigint, arrived_at timestamptz, number int, called boolean)
language plpgsql as $$
declare
  room waitingroom_room;
  fresh bigint[];
  arrivals bigint;
begin
  select * into room from waitingroom_room r where r.id = p_room for no key update;
  if not found or clock_timestamp() < room.doors_at then
    return query select o::int, 'not_open', null::uuid, null::bigint, null::timestamptz, null::int, false
                   from generate_subscripts(p_holders, 1) o;
    return;
  end if;

  -- Read under the lock, in a statement of its own: what another batch has just committed is seen here.
  fresh := array(
    select h from unnest(p_holders) with ordinality u(h, o)
     where not exists (select from waitingroom_ticket t where t.room_id = p_room and t.holder = h)
     group by h order by min(o));
  if clock_timestamp() < room.closes_at and cardinality(fresh) > 0 then
    arrivals := room.arrivals;
    insert into waitingroom_ticket (id, room_id, holder, arrival, arrived_at, number)
    select gen_random_uuid(), p_room, h, arrivals + o, clock_timestamp(),
           case when room.frozen_at is not null then room.last + o::int end
      from unnest(fresh) with ordinality u(h, o);
    update waitingroom_room r
       set arrivals = r.arrivals + cardinality(fresh),
           last = r.last + case when room.frozen_at is not null then cardinality(fresh) else 0 end
     where r.id = p_room;
  end if;

  return query
    select u.o::int, case when t.id is null then 'closed' else 'joined' end,
           t.id, t.arrival, t.arrived_at, t.number, coalesce(t.number <= room.called, false)
      from unnest(p_holders) with ordinality u(h, o)
      left join lateral (select k.id, k.arrival, k.arrived_at, k.number from waitingroom_ticket k
                          where k.room_id = p_room and k.holder = u.h) t on true
     order by u.o;
end $$;

-- Freeze the list: from here on it is what the draw is about. Answers true when this call did it.
create function waitingroom_freeze_v1(p_room bigint, p_fence bigint) returns boolean language plpgsql as $$
declare
  tickets int;
  hash bytea;
begin
  if not runtime_fence_holds_v1('night', p_fence) then
    return false;
  end if;
  perform from waitingroom_room r
    where r.id = p_room and r.frozen_at is null and r.draw_at <= clock_timestamp() for no key update;
  if not found then
    return false;
  end if;
  select count(*), sha256(convert_to(coalesce(string_agg(t.id::text, e'\n' order by t.id::text collate "C"), ''), 'UTF8'))
    into tickets, hash
    from waitingroom_ticket t where t.room_id = p_room;
  update waitingroom_room
     set frozen_at = clock_timestamp(), drawn_count = tickets, last = tickets, list_hash = hash
   where id = p_room;
  return true;
end $$;

-- Write the numbers that the draw gave, once. Answers true when this call did it.
create function waitingroom_draw_v1(p_room bigint, p_fence bigint, p_tickets uuid[], p_beacon jsonb)
returns boolean language plpgsql as $$
begin
  if not runtime_fence_holds_v1('night', p_fence) then
    return false;
  end if;
  perform from waitingroom_room r
    where r.id = p_room and r.frozen_at is not null and r.drawn_at is null
      and r.drawn_count = cardinality(p_tickets) for no key update;
  if not found then
    return false;
  end if;
  update waitingroom_ticket t set number = u.o
    from unnest(p_tickets) with ordinality u(ticket, o)
   where t.id = u.ticket and t.room_id = p_room and t.number is null;
  update waitingroom_room set drawn_at = clock_timestamp(), beacon = p_beacon where id = p_room;
  return true;
end $$;

-- Call the next numbers, at most p_count and never past the last. Answers how many were called.
create function waitingroom_call_v1(p_room bigint, p_fence bigint, p_count int) returns int language plpgsql as $$
declare
  before int;
  after int;
  at timestamptz;
begin
  if not runtime_fence_holds_v1('night', p_fence) then
    return 0;
  end if;
  select r.called, least(r.called + p_count, r.last) into before, after from waitingroom_room r
    where r.id = p_room and r.drawn_at is not null and not r.paused and clock_timestamp() < r.closes_at
      for no key update;
  if not found or after <= before then
    return 0;
  end if;
  update waitingroom_room set called = after where id = p_room;
  at := clock_timestamp();  -- one moment for all: row by row, a larger number might be called before a smaller one
  update waitingroom_ticket set called_at = at
   where room_id = p_room and number > before and number <= after;
  return after - before;
end $$;
