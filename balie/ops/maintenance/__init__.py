"""Planned maintenance: announced beforehand, and while it lasts as announced nobody is woken for it. What it does to
people is recorded as ever. Alerting and incidents ask here; this knows of neither.
"""
