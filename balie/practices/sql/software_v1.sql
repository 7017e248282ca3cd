-- Whether somebody is a program of a practice: it reads no mail.
create function practices_is_software_v1(p_person bigint) returns boolean language sql stable as $$
  select exists (select from practices_membership m where m.person_id = p_person and m.role = 'software')
$$;
