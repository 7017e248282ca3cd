"""Consultaties and meekijkconsulten: who asked whom, by when, and who has picked it up; never what was asked."""
