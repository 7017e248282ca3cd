-- The service clock stood, for a moment or for a night that the installation was off. While nobody holds anything it may
-- catch up with the wall clock at once: no window is running that could lose time. The table lock keeps new holds out
-- for that instant; a hold that is being made reads the clock only once it has its own lock on the table.
create function ordering_clock_catch_up_v1(p_fence bigint) returns boolean language plpgsql as $$
declare
  stood timestamptz;
begin
  if clock_timestamp() - service_now() < interval '2 seconds'
     or exists (select from ordering_hold where state = 'held') then
    return false;
  end if;
  lock table ordering_hold in exclusive mode;
  select advanced_at + interval '2 seconds' into stood from runtime_clock where id = 1;
  update runtime_clock set shows = clock_timestamp(), advanced_at = clock_timestamp(), fence = p_fence
   where id = 1 and fence <= p_fence and shows < clock_timestamp()
     and not exists (select from ordering_hold where state = 'held');
  if not found then
    return false;
  end if;
  if stood < clock_timestamp() then  -- it still stood; once it ticks again the tick has noted that
    insert into runtime_standstill (began_at, ended_at) values (stood, clock_timestamp());
  end if;
  return true;
end $$;
