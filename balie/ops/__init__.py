"""Operations: `balie watch` looks at every part, names the cause when one fails, and keeps what it saw.

Its database is its own (`router.py`), and no other process opens it: it must speak when PostgreSQL does not.
"""
