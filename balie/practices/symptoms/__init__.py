"""Telling the watch that something does not work. Nothing here asks PostgreSQL: that may be what fails."""
