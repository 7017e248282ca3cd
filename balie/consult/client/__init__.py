"""A client of consulting without a screen: the canary, virtual practices, and the way in for record systems.

It does what a browser does, by the same pages of `docs/spec/consult`: makes a person and their keys, deposits shares,
unlocks, and talks. It is async, keeps no state but what its caller keeps, and knows nothing of the server's side.
"""
