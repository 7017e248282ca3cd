-- Which practices belong in which round of a campaign that opens in groups.

-- Place practices by the campaign's groups, as they are now: the first group whose criterion fits, else the last.
-- Without p_campaign: in all campaigns that open in groups and have not closed. With p_again everybody is placed anew
-- except who has a ticket already; else only who has no place yet, so that nobody moves to another group by changing
-- an address. Answers how many places were given or changed.
create function ordering_place_v1(p_campaign bigint, p_again boolean) returns int language plpgsql as $$
declare
  placed int;
begin
  insert into waitingroom_placement (room_id, holder, round)
  select c.room_id, p.id, coalesce(fits.position, last.position)
    from ordering_campaign c
   cross join lateral (select max(g.position) as position from ordering_group g where g.campaign_id = c.id) last
   cross join practices_practice p
    left join lateral (
      select g.position from ordering_group g
       where g.campaign_id = c.id
         and (p.agb_code = any(g.agb_codes) or p.registered_count <@ g.registered
              or (select left(l.postcode, 4)::int from practices_location l
                   where l.practice_id = p.id order by l.id limit 1) <@ any(g.postcodes))
       order by g.position limit 1) fits on true
   where (c.id = p_campaign or p_campaign is null and c.closes_at > clock_timestamp())
     and last.position is not null
     and (p_again or not exists (
       select from waitingroom_placement w where w.room_id = c.room_id and w.holder = p.id))
  on conflict (room_id, holder) do update set round = excluded.round
   where p_again and waitingroom_placement.round <> excluded.round
     and not exists (
       select from waitingroom_ticket t where t.room_id = excluded.room_id and t.holder = excluded.holder);
  get diagnostics placed = row_count;
  return placed;
end $$;
