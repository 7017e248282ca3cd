-- Keeps what the line goes by beside each wish, whoever writes it (`swaps_v2.sql`).
create trigger ordering_swap_place before insert on ordering_swap
  for each row execute function ordering_place_swap_v2();

create trigger ordering_swap_needs after insert or update of state on ordering_swap
  for each row execute function ordering_note_needs_v2();

-- Who still runs the version before this one does as we do.
create or replace function ordering_tidy_swaps_v1(p_limit int, p_mail_domain text) returns int language sql as $$
  select ordering_tidy_swaps_v2(p_limit, p_mail_domain)
$$;
