"""Webhooks: telling programs of a practice what happened to its orders, when it has happened."""
