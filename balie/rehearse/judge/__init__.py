"""Judges an installation from outside, by the views of schema `judge`, the clients' own log and the mail server's log.

Nothing here imports anything else of Balie, or shares a line of SQL with it: what judged itself would find nothing.
"""
