"""Subscribers of the status page: who they are, how they join and leave, and the proof that each update went to each
of them once. Built on incidents and on alerting's deliveries; neither knows of this.
"""
