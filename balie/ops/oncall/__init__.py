"""On call: who is woken when a verdict says that people suffer, how, and the proof that it was done.

`duty.OnCall` reads the watch's ledger and does the rest once a second. Everything it decides is a row before it acts,
so that a process that dies at any moment is taken up where it stopped.
"""
