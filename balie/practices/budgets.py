"""What each token may still ask of all processes together, counted in the database: for pages, which ask it anyway.

Hot paths ask nothing of it for each request; there each process counts by itself (`tokens.Budgets`).
"""

import math

from django.db import connection

from balie.lib.asgi import Header
from balie.practices import tokens


def take_request(token: tokens.Token) -> tuple[bool, list[Header]]:
    """As `tokens.Budgets.take`."""
    rate, most = tokens.REQUESTS_PER_S, tokens.REQUESTS_AT_ONCE
    with connection.cursor() as cursor:
        cursor.execute(
            "select taken, remaining from practices_budget_take_v1(%s, %s, %s)", [f"api:{token.person}", rate, most]
        )
        taken, remaining = cursor.fetchone()
    return taken, tokens.budget_headers(int(remaining), math.ceil((most - remaining) / rate))
