"""Scenario `year`: the opening night, while orders change, are cancelled and swapped, and the days grow and shrink."""
