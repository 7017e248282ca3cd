"""Stops a file that is too large while it comes in."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from balie.practices.importing.reading import MOST_BYTES

_ROOM_FOR_THE_FORM = 64 * 1024


class SmallFilesOnly(FileUploadHandler):
    """Before the other handlers. Nothing of what comes after the limit is kept; of what is much larger still,
    `balie/lib/pages.py` has thrown the rest away.
    """

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
