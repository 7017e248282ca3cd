"""Statements come in: what clients signed is judged by the protocol and kept; members, devices and keys follow from it.

One file for each page of the protocol, as in `balie.consult.protocol`; `posts` puts them together. No ORM.
"""
