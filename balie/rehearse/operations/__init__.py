"""The watch in a rehearsal: what it is to look at, what it said, and whether that was true."""
