"""A small program in a practice, between its record system and its conversations.

It holds a device key of the practice's own and is a colleague to everybody else: it reads where it was let in, and
writes under its own name. Its record system speaks FHIR with it over loopback; Balie's servers see from it what they
see from any browser, which is sealed. Nothing of the server's side is imported here.
"""
