"""Stops a file that is too large while it comes in."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, UnreadablePostError

from balie.practices.importing.reading import MOST_BYTES

_ROOM_FOR_THE_FORM = 64 * 1024
_PIECE = 64 * 1024


class SmallFilesOnly(FileUploadHandler):
    """Before the other handlers. Nothing of what comes after the limit is kept."""

    too_large = False

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 - Django's signature
        META: dict[str, str],  # noqa: ARG002, N803 - as above
        content_length: int,
        boundary: str,  # noqa: ARG002 - as above
        encoding: str | None = None,  # noqa: ARG002 - as above
    ) -> None:
        self.too_large = content_length > MOST_BYTES + _ROOM_FOR_THE_FORM

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.too_large:
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > MOST_BYTES:
            self.too_large = True
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - another handler has the file
        return None


def throw_away_the_rest(request: HttpRequest) -> None:
    """Read what still comes, in small pieces: an answer in the middle of it would break the connection, and the browser
    would show its own fault instead of our sentence. Django would do so by lines, and a line may be all of it.
    """
    try:
        while request.read(_PIECE):
            continue
    except UnreadablePostError:
        return
