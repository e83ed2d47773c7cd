"""A stand-in for an S3-compatible store, as an ASGI app: PUT and GET of objects, for who signs with its key."""

from litestar.types import Receive, Scope, Send

KEY, SECRET = "band", "seven gulls"
SIGNED = f"AWS4-HMAC-SHA256 Credential={KEY}/".encode()


class Bucket:
    """`objects`: what is kept, by path."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, body = self._answer(scope, await _body(receive))
        headers = [
            (b"content-length", str(len(body)).encode()),
            (b"etag", b'"1"'),
            (b"last-modified", b"Sat, 21 Nov 2026 12:00:00 GMT"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _answer(self, scope: Scope, body: bytes) -> tuple[int, bytes]:
        if not dict(scope["headers"]).get(b"authorization", b"").startswith(SIGNED):
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        if scope["method"] == "PUT":
            self.objects[scope["path"]] = body
            return 200, b""
        found = self.objects.get(scope["path"])
        return (404, b"<Error><Code>NoSuchKey</Code></Error>") if found is None else (200, found)


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    return body
