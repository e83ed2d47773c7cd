"""File uploads of forms: kept on disk, not in memory, and limited in size."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from apps.core.errors import BadRequest, TooLarge
from apps.media.upload import LARGEST_FILE

LARGEST_FORM = 2 * 1024 * 1024
"""Without its files."""
LARGEST_TOGETHER = 64 * 1024 * 1024
"""Of all files of a form; what is more than a megabyte waits on the disk."""
MOST_FILES = 20
LARGEST_REQUEST = 512 * 1024 * 1024
"""What is read at all, so that whoever chose too much gets their form back."""
MOST_PARTS = 1000


@dataclass(slots=True)
class Room:
    """How many bytes of files are still taken."""

    left: int = LARGEST_TOGETHER


class Upload(UploadFile):
    """`is_whole` is False for one that was too large, or too many: nothing of it is kept."""

    def __init__(self, of: UploadFile, room: Room, *, is_whole: bool) -> None:
        super().__init__(of.file, size=0, filename=of.filename, headers=of.headers)
        self.room, self.is_whole = room, is_whole

    async def write(self, data: bytes) -> None:
        if not self.is_whole:
            return
        size = (self.size or 0) + len(data)
        if size <= LARGEST_FILE and len(data) <= self.room.left:
            self.room.left -= len(data)
            await super().write(data)
        else:
            self.room.left += self.size or 0
            self.is_whole = False
            await self.close()

    async def seek(self, offset: int) -> None:
        if self.is_whole:
            await super().seek(offset)


class UploadParser(MultiPartParser):
    """Starlette bounds each part of a form; this bounds all of its text together, and its files as `Upload`s."""

    def __init__(
        self, request: Request, stream: AsyncGenerator[bytes, None], *, largest_text: int, most_fields: int
    ) -> None:
        super().__init__(
            request.headers, stream, max_files=MOST_PARTS, max_fields=most_fields, max_part_size=largest_text
        )
        self.room = Room()
        self.text_left = largest_text

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if file := self._current_part.file:
            self._current_part.file = Upload(file, self.room, is_whole=self._current_files <= MOST_FILES)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self.text_left -= end - start
            if self.text_left < 0:
                raise TooLarge
        super().on_part_data(data, start, end)


async def read_uploads(request: Request, *, largest_text: int, most_fields: int) -> FormData:
    """The form with its files. Raises TooLarge, BadRequest."""
    try:
        return await UploadParser(request, request.stream(), largest_text=largest_text, most_fields=most_fields).parse()
    except MultiPartException:
        raise BadRequest from None
