-- Until when an order may be changed or cancelled without asking: a rule of the campaign.

-- The last day, as it is in the Netherlands, on which what comes on p_day may be changed or cancelled for nothing: so
-- many days before it, or so many working days. The campaign says how many of which, and which days are no working days
-- beside Saturdays and Sundays.
create function ordering_last_free_day_v1(p_campaign bigint, p_day date) returns date language sql stable as $$
  select case
           when c.change_limit = 0 or c.change_unit = 'days' then p_day - c.change_limit
           else (select d.day
                   from (select p_day - n as day from generate_series(1, 7 * c.change_limit + 30) n) d
                  where extract(isodow from d.day) < 6 and d.day <> all(c.holidays)
                  order by d.day desc offset c.change_limit - 1 limit 1) end
    from ordering_campaign c where c.id = p_campaign
$$;
