"""The protocol of consulting as pure functions: bytes in, bytes out; no Django, no network, no clock, no file.

`docs/spec/consult/` is its specification and `docs/spec/vectors/consult/` its vectors; `frontend/src/crypto/` has the
same nouns for browsers. One module per noun; whatever MUST be rejected raises `reasons.Rejected`.
"""
