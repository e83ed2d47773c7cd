"""/static: our own stylesheets, scripts and pictures, each read, hashed and compressed once."""

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from litestar import Controller, Response, get
from litestar.params import FromPath

from apps.core.errors import NotFound
from apps.core.http.requests import PUBLIC, AnyRequest
from apps.core.text.templates import asset, static_paths
from project.web.compression import accepts_gzip, is_worth_compressing, tag_of_gzip
from project.web.response_cache.negotiation import is_known

FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
LEVEL = 9  # once for all


@dataclass(frozen=True, slots=True)
class Encoded:
    body: bytes
    etag: bytes
    headers: dict[str, str]


class StaticFile:
    def __init__(self, path: Path) -> None:
        body = path.read_bytes()
        self.media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.plain = Encoded(body, f'"{sha256(body).hexdigest()[:32]}"'.encode(), {})
        self.is_worth_compressing = is_worth_compressing({b"content-type": self.media_type.encode()}, body)

    async def encoded(self, accepted: bytes) -> Encoded:
        """As `accepted`, the header Accept-Encoding, has it."""
        if self.is_worth_compressing and accepts_gzip(accepted):
            return await asyncio.to_thread(lambda: self.compressed)
        return self.plain

    @cached_property
    def compressed(self) -> Encoded:
        body = gzip.compress(self.plain.body, LEVEL, mtime=0)
        return Encoded(body, tag_of_gzip(self.plain.etag), {"Content-Encoding": "gzip"})


@cache
def static_files() -> dict[str, StaticFile]:
    """By address without /static/; what comes while the app runs is not there."""
    return {name: StaticFile(path) for name, path in static_paths().items()}


class StaticController(Controller):
    path = "/static"
    include_in_schema = False
    opt = PUBLIC

    @get("/{path:path}")
    async def show(self, path: FromPath[str], request: AnyRequest) -> Response[bytes]:
        """Browsers keep for good what they asked for by the address that changes with its content (`asset`)."""
        name = path.removeprefix("/")
        if (file := static_files().get(name)) is None:
            raise NotFound
        encoded = await file.encoded(request.headers.get("accept-encoding", "").encode())
        is_hashed = asset(name).endswith(f"?{request.url.query}")
        headers = {**(FOR_GOOD if is_hashed else FOR_AN_HOUR), "ETag": encoded.etag.decode()}
        if is_known(encoded.etag, request.headers.get("if-none-match", "").encode()):
            return Response(b"", status_code=304, headers=headers)
        return Response(encoded.body, media_type=file.media_type, headers=headers | encoded.headers)
