"""Practices from a table: read it, check every row, compare with what is there, and write all of it or nothing.

`docs/import-practices.md` describes the columns for whoever makes the file. What it says to people is Dutch.
"""
