-- The service clock, leases with fencing, and heartbeats.

-- The time that holds and windows are judged by. It follows the wall clock while a leader advances it, runs on for two
-- seconds at most when nobody does, and then stands still. Volatile on purpose: each call reads the row as it is now.
create function service_now() returns timestamptz language sql volatile as $$
  select shows + least(greatest(clock_timestamp() - advanced_at, interval '0'), interval '2 seconds')
    from runtime_clock where id = 1
$$;

-- True while the clock stands: nobody advanced it for two seconds.
create function service_still() returns boolean language sql volatile as $$
  select clock_timestamp() - advanced_at > interval '2 seconds' from runtime_clock where id = 1
$$;

-- One tick by the leader. A leader whose fence has passed to another changes nothing and hears false. The tick that ends
-- a standstill notes it: nobody else can know when it was over.
create function runtime_clock_advance_v1(p_fence bigint) returns boolean language plpgsql volatile as $$
declare
  stood timestamptz;
begin
  select advanced_at + interval '2 seconds' into stood from runtime_clock where id = 1 and fence <= p_fence for update;
  if not found then
    return false;
  end if;
  update runtime_clock
     set shows = shows + least(greatest(clock_timestamp() - advanced_at, interval '0'), interval '2 seconds'),
         advanced_at = clock_timestamp(),
         fence = p_fence
   where id = 1;
  if stood < clock_timestamp() then
    insert into runtime_standstill (began_at, ended_at) values (stood, clock_timestamp());
  end if;
  return true;
end $$;

-- Take or keep the lease of a duty. Answers its fence, or null while another owner has it. The fence grows each time
-- the lease changes hands, so that whoever wakes up late can be refused.
create function runtime_lease_take_v1(p_duty text, p_owner text, p_seconds double precision)
returns bigint language sql volatile as $$
  insert into runtime_lease as lease (duty, owner, expires_at, fence)
  values (p_duty, p_owner, clock_timestamp() + make_interval(secs => p_seconds), 1)
  on conflict (duty) do update
     set owner = excluded.owner,
         expires_at = excluded.expires_at,
         fence = lease.fence + (lease.owner <> excluded.owner)::int
   where lease.owner = excluded.owner or lease.expires_at < clock_timestamp()
  returning fence
$$;

-- Give the lease back early, at a graceful stop.
create function runtime_lease_drop_v1(p_duty text, p_owner text) returns void language sql volatile as $$
  update runtime_lease set expires_at = '-infinity' where duty = p_duty and owner = p_owner
$$;

-- True while this fence is the duty's latest; holds the lease row until the transaction ends, so that no new leader
-- can begin before the old one's last write is done.
create function runtime_fence_holds_v1(p_duty text, p_fence bigint) returns boolean language sql volatile as $$
  select exists (select from runtime_lease where duty = p_duty and fence = p_fence for share)
$$;

create function runtime_beat_v1(p_process text, p_role text, p_detail jsonb) returns void language sql volatile as $$
  insert into runtime_heartbeat (process, role, started_at, beat_at, detail)
  values (p_process, p_role, clock_timestamp(), clock_timestamp(), p_detail)
  on conflict (process) do update set beat_at = excluded.beat_at, detail = excluded.detail
$$;

insert into runtime_clock (id, shows, advanced_at, fence) values (1, clock_timestamp(), clock_timestamp(), 0);
