"""What operators of key servers must allow the canary of the watch. No table is needed to know it."""

from typing import Final

RELEASES_A_DAY: Final = 20_000  # of shares: one in five seconds, and its confirming tries
