"""What the web server answers by itself, before any of the app has seen the request."""

from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus


@dataclass(frozen=True)
class Refusal:
    status: HTTPStatus
    sentence: str
    headers: str = ""

    @cached_property
    def answer(self) -> bytes:
        """The whole answer: plain text, and the end of the connection."""
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            "content-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(self.sentence)}\r\n"
            f"cache-control: no-store\r\n{self.headers}connection: close\r\n\r\n"
        )
        return f"{head}{self.sentence}".encode()


NOT_HTTP = Refusal(HTTPStatus.BAD_REQUEST, "Invalid HTTP request.")
TOO_SLOW = Refusal(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive.")
HEADER_TOO_LARGE = Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The header of the request is too large.")
TOO_MANY = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections. Try again soon.", "retry-after: 5\r\n")


class Refused(Exception):
    """Raised in the parser's callbacks: nothing more is to be parsed on this connection."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
