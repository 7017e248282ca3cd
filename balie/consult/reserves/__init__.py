"""Reserves of teams: their keys sealed to one more, of which three people hold parts on paper (`reserve.md`). Parts
never come here.
"""
