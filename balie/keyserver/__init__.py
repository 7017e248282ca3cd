"""A key server: it keeps one share per person, and gives it to whoever shows a passkey of theirs.

Three of these are run by three organisations, each with its own store, keys, origin and limits. It answers over HTTP as
`docs/spec/consult/keyserver.md` says, and imports nothing of the application but the protocol.
"""
