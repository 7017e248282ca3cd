"""Rows become parcels in a thread of their own: renderers are ordinary Django code, and the loop must not wait."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, connections
from msgspec import convert

from balie.mail.bounce_address import Round
from balie.mail.models import ACCOUNT_MESSAGE
from balie.mail.outbox import TakenMail
from balie.mail.rendering import Parcel, Rendered, pack

Renderer = Callable[[str], Rendered]


class Writer:
    """One thread that renders, one mail at a time. `close` it."""

    def __init__(self, renderers: Mapping[str, Renderer], *, patience_s: float) -> None:
        self._renderers = renderers
        self._patience_s = patience_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mail-writer")

    @property
    def kinds(self) -> list[str]:
        """The kinds of mail it can write."""
        return [*self._renderers, ACCOUNT_MESSAGE]

    async def write(self, mail: TakenMail) -> Parcel:
        """The mail, ready to go. Raises BadAddressError, whatever the renderer raises, or TimeoutError."""
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write, mail)
        done, _ = await asyncio.wait({writing}, timeout=self._patience_s)
        if not done:
            writing.cancel()
            raise TimeoutError(f"The renderer of {mail.kind} was not ready within {self._patience_s} s.")
        return writing.result()

    def close(self) -> None:
        """End the thread after what it is doing; never waits for it."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=False)

    def _write(self, mail: TakenMail) -> Parcel:
        close_old_connections()
        own = mail.body
        rendered = self._renderers[mail.kind](mail.reference) if own is None else convert(own, Rendered)
        return pack(
            rendered,
            sent=Round(mail.id, mail.round),
            message_id=mail.message_id,
            recipient=mail.recipient,
            written_at=mail.created_at,
        )
