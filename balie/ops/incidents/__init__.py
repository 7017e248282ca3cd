"""Incidents: what people outside are told of an outage, what they were promised, and whether that was kept.

Built on the watch's ledger and on its alerting; neither knows of this.
"""
