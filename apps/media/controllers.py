"""Pictures as browsers fetch them."""

import re

from litestar import Controller, Response, get
from litestar.params import FromPath

from apps.core.errors import NotFound
from apps.core.http.requests import PUBLIC, AnyRequest
from apps.core.text.templates import static_paths
from apps.media.storage import read_version
from apps.media.urls import WIDTHS

PATH = re.compile(rf"/media/([0-9a-f]{{64}})/({'|'.join(map(str, WIDTHS))})\.webp")
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}


NO_PICTURE = static_paths()["media/no-picture.svg"].read_bytes()


class PictureController(Controller):
    """A name never stands for another picture, so whoever has one keeps it for good."""

    path = "/media"
    include_in_schema = False
    opt = PUBLIC

    @get("/{digest:str}/{name:str}")
    async def show(self, digest: FromPath[str], name: FromPath[str], request: AnyRequest) -> Response[bytes]:
        """The path as it was sent: by one spelling, nothing but a version that was made can be reached."""
        asked = PATH.fullmatch(request.scope["raw_path"].decode("latin-1").partition("?")[0])
        if asked is None:
            raise NotFound
        headers = {**HEADERS, "ETag": f'"{asked[1]}-{asked[2]}"'}
        data = await read_version(bytes.fromhex(asked[1]), int(asked[2]))
        if data is None:
            return _not_there()
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        return Response(data, media_type="image/webp", headers=headers)


def _not_there() -> Response[bytes]:
    """Not yet, or never: browsers show the picture that comes with a 404."""
    headers = {**HEADERS, "Cache-Control": "no-store"}
    return Response(NO_PICTURE, status_code=404, media_type="image/svg+xml", headers=headers)
