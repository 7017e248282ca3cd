-- The rules of a campaign for what one request may ask; the codes are those of docs/spec/live.md.

-- Answers for each request null when all is well, else a JSON array of what is wrong and where. Request i, of practice
-- p_practices[i], has the lines p_first[i] .. p_last[i] and the wishes p_rank_first[i] .. p_rank_last[i]; a range is
-- empty where its last is below its first. Either every line has a day, or none has and there are wishes; wishes that
-- are no delivery days are passed over, as long as one is. It is about the order in p_slots[i], the first one where they
-- are left out: days up to the campaign's last early one are for pre-deliveries, all others for all others, and the cap
-- is on all orders of a practice together. A campaign may have a minimum and a cap of its own for care organisations.
create function ordering_check_lines_v1(
  p_campaign bigint, p_practices bigint[],
  p_first int[], p_last int[], p_product bigint[], p_location bigint[], p_doses bigint[], p_day date[],
  p_rank_first int[], p_rank_last int[], p_rank_day date[], p_slots smallint[] default null)
returns jsonb[] language plpgsql stable
as $$
declare
  answers jsonb[] := '{}';
  campaign record;
  products bigint[];
  steps int[];
  lowest int[];    -- the smallest amount that is a step and not below the minimum
  lowest_care int[];  -- the same, for care organisations
  care boolean[];  -- per request: of a care organisation; null where the campaign has no rules of its own for them
  least_doses int;
  days date[];
  early date[];    -- those that are for pre-deliveries
  fitting date[];  -- those that are for such an order
  slots constant smallint[] := coalesce(p_slots, array_fill(0::smallint, array[cardinality(p_practices)]));
  owners bigint[]; -- per line: whose location it is
  caps bigint[];   -- per line: the most its practice may have of its product; null where nothing limits it
  others bigint[]; -- per line: what its practice holds and ordered of its product in its other orders
  errors jsonb;
  line text;
  ranked boolean;
  product int;
  total bigint;
  cap bigint;
begin
  select c.cap_percent, c.year - 1 as last_year, c.early_until, c.early_most, c.care_cap_percent,
         c.care_minimum
    into campaign
    from ordering_campaign c where c.id = p_campaign;
  select array_agg(p.id), array_agg(p.step), array_agg(ceil(greatest(p.minimum, 1)::numeric / p.step)::int * p.step),
         array_agg(ceil(greatest(coalesce(campaign.care_minimum, p.minimum), 1)::numeric / p.step)::int * p.step)
    into products, steps, lowest, lowest_care
    from ordering_product p where p.campaign_id = p_campaign;
  days := array(select d.day from ordering_delivery_day d where d.campaign_id = p_campaign);
  if campaign.early_until is not null then
    early := array(select d from unnest(days) d where d <= campaign.early_until);
    days := array(select d from unnest(days) d where d > campaign.early_until);
  end if;
  owners := array(select (select l.practice_id from practices_location l where l.id = u.location)
                    from unnest(p_location) u(location));
  if campaign.care_cap_percent is not null or campaign.care_minimum is not null then
    care := array(select (select p.kind = 'care_org' from practices_practice p where p.id = u.practice)
                    from unnest(p_practices) u(practice));
  end if;
  if coalesce(campaign.cap_percent, campaign.care_cap_percent) is not null then
    caps := array(
      select (select ceil(used.ordered
                          * case when care[array_position(p_practices, u.owner)]
                                 then coalesce(campaign.care_cap_percent, campaign.cap_percent)
                                 else campaign.cap_percent end
                          / (100.0 * product.step)) * product.step
                from ordering_product product
                join practices_past_use used on used.product_code = product.code
               where product.id = u.product and product.campaign_id = p_campaign
                 and used.practice_id = u.owner and used.year = campaign.last_year and used.ordered > 0)
        from unnest(owners, p_product) u(owner, product));
    others := array(
      select (select sum(l.doses) from ordering_hold h
               cross join lateral unnest(h.line_product, h.line_doses) l(product, doses)
               where h.campaign_id = p_campaign and h.practice_id = u.owner
                 and h.slot <> slots[array_position(p_practices, u.owner)] and h.state in ('held', 'ordered')
                 and l.product = u.product)
        from unnest(owners, p_product) u(owner, product));
  end if;

  for i in 1 .. cardinality(p_first) loop
    errors := null;
    fitting := case when slots[i] = 1 then coalesce(early, '{}') else days end;
    ranked := p_rank_first[i] <= p_rank_last[i] and p_day[p_first[i]] is null;
    if p_last[i] < p_first[i] then
      errors := jsonb_build_array(jsonb_build_object('at', 'lines', 'code', 'empty'));
    elsif ranked and not p_rank_day[p_rank_first[i]:p_rank_last[i]] && fitting then
      errors := jsonb_build_array(jsonb_build_object('at', 'ranking', 'code', 'day'));
    end if;
    for j in p_first[i] .. p_last[i] loop
      line := 'lines[' || j - p_first[i] || ']';
      product := array_position(products, p_product[j]);
      least_doses := case when care[i] then lowest_care[product] else lowest[product] end;
      cap := case when caps[j] is not null then greatest(caps[j] - coalesce(others[j], 0), 0) end;
      if slots[i] = 1 then
        cap := least(cap, campaign.early_most);
      end if;
      total := 0;
      for k in p_first[i] .. j - 1 loop
        if p_product[k] = p_product[j] then
          total := total + p_doses[k];
          if p_location[k] = p_location[j] and p_day[k] is not distinct from p_day[j] then
            errors := coalesce(errors, '[]') || jsonb_build_object('at', line, 'code', 'repeated');
          end if;
        end if;
      end loop;
      if product is null then
        errors := coalesce(errors, '[]') || jsonb_build_object('at', line || '.product', 'code', 'product');
      elsif p_doses[j] < least_doses then
        errors := coalesce(errors, '[]') || jsonb_build_object(
          'at', line || '.doses', 'code', 'minimum', 'minimum', least_doses,
          'suggest', ordering_suggest_v1(array[least_doses], least_doses, cap - total));
      elsif p_doses[j] % steps[product] <> 0 then
        errors := coalesce(errors, '[]') || jsonb_build_object(
          'at', line || '.doses', 'code', 'step', 'step', steps[product],
          'suggest', ordering_suggest_v1(
            array[p_doses[j] - p_doses[j] % steps[product], p_doses[j] - p_doses[j] % steps[product] + steps[product]],
            least_doses, cap - total));
      elsif total <= cap and total + p_doses[j] > cap then  -- said once, at the line that goes over it
        errors := coalesce(errors, '[]') || (
          jsonb_build_object(
            'at', line || '.doses', 'code', 'cap', 'cap', cap,
            'suggest', ordering_suggest_v1(array[cap - total], least_doses, cap - total))
          || case when others[j] > 0 then jsonb_build_object('ordered', others[j]) else '{}' end);
      end if;
      if owners[j] is distinct from p_practices[i] then
        errors := coalesce(errors, '[]') || jsonb_build_object('at', line || '.location', 'code', 'location');
      end if;
      if not ranked and not coalesce(p_day[j] = any(fitting), false) or ranked and p_day[j] is not null then
        errors := coalesce(errors, '[]') || jsonb_build_object('at', line || '.day', 'code', 'day');
      end if;
    end loop;
    answers[i] := errors;
  end loop;
  return answers;
end $$;

-- Those of the amounts that would do.
create function ordering_suggest_v1(p_amounts bigint[], p_lowest bigint, p_highest bigint) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(a order by a), '[]') from unnest(p_amounts) a
   where a >= p_lowest and (p_highest is null or a <= p_highest)
$$;
