"""Scenario `login`: everybody logs in within minutes while others are inside, and those must not notice."""
