"""How long conversations are kept: 20 years from their last change (art. 7:454 BW), longer where a practice must, and
for as long as one is held. The database keeps it.
"""
