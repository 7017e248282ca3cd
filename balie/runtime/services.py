"""What Django's side needs of the runtime: telling the other processes what to read again."""

from django.db import connection, transaction

from balie.runtime.hot import CHANNEL


def notify_after_commit(topic: str) -> None:
    """NOTIFY once the caller's transaction has committed, e.g. ``room:3``; not at all when it rolls back."""

    def send() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", [CHANNEL, topic])

    transaction.on_commit(send)
