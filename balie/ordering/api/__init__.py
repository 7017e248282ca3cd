"""The API for record systems: one table of operations (`operations.py`) that its document, its pages and its hot paths
are made from. `docs/record-systems.md` is for those who build on it.
"""
