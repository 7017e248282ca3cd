"""A duty of `balie work`: forgets what logging in leaves behind."""

from balie.lib.sqlfiles import read_sql
from balie.runtime.hot import Connection

INTERVAL_S = 20.0


async def forget_old_logins(conn: Connection) -> None:
    """Attempts, used codes and sessions whose time is over."""
    await conn.execute(read_sql("practices", "login_forget").encode())
