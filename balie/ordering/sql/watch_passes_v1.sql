-- Passes that `balie watch` must no longer let in: of this person (for this practice, or all), of a generation before
-- this one. A pass lives twelve hours and is not renewed once it is revoked; what is older has expired.

create view watch.revoked_passes as
select person_id as person, practice_id as practice, generation
  from practices_pass_revocation
 where revoked_at > clock_timestamp() - interval '2 days';

call watch.admit_v1();
