"""A stand-in for an S3-compatible store, as an ASGI app: its objects, for who signs with its key."""

import re
from asyncio import Event
from collections.abc import Sequence

from litestar.types import Receive, Scope, Send

KEY, SECRET = "band", "seven gulls"
SIGNED = f"AWS4-HMAC-SHA256 Credential={KEY}/".encode()
REFUSED = 403, b"<Error><Code>AccessDenied</Code></Error>"


class Bucket:
    """`objects`: what is kept, by path. `kept` are the ends of paths that nobody may delete.

    While `removes` is not set, a deletion waits; `is_asked` is set when one has come.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.kept: tuple[str, ...] = ()
        self.removes, self.is_asked = Event(), Event()
        self.removes.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, body = await self._answer(scope, await _body(receive))
        headers = [
            (b"content-length", str(len(body)).encode()),
            (b"etag", b'"1"'),
            (b"last-modified", b"Sat, 21 Nov 2026 12:00:00 GMT"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _answer(self, scope: Scope, body: bytes) -> tuple[int, bytes]:
        if not dict(scope["headers"]).get(b"authorization", b"").startswith(SIGNED):
            return REFUSED
        match scope["method"]:
            case "PUT":
                self.objects[scope["path"]] = body
                return 200, b""
            case "POST":  # to delete what the body names
                return await self._remove(scope["path"], re.findall("<Key>(.*?)</Key>", body.decode()))
        found = self.objects.get(scope["path"])
        return (404, b"<Error><Code>NoSuchKey</Code></Error>") if found is None else (200, found)

    async def _remove(self, bucket: str, keys: Sequence[str]) -> tuple[int, bytes]:
        self.is_asked.set()
        await self.removes.wait()
        if any(key.endswith(self.kept) for key in keys):
            return REFUSED
        for key in keys:
            self.objects.pop(f"{bucket}/{key}", None)
        removed = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return 200, f"<DeleteResult>{removed}</DeleteResult>".encode()


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    return body
