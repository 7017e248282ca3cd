"""Scenario `consult`: people talk in conversations, and unlock on fresh devices, while key servers and routes die."""
