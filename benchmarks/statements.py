"""Tells with each answer what the database had to do for it, in headers that only the bench asks for.

One request at a time: what a process sends meanwhile counts for it.
"""

from time import perf_counter
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy import event
from sqlalchemy.engine import Engine

SENT, SLOWEST_MS, SLOWEST = "x-statements", "x-slowest-ms", "x-slowest"
LONGEST = 300


class Statements:
    """Text and seconds of each since the last request began."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, str]] = []
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)

    def _before(self, *given: Any) -> None:
        self._began = perf_counter()

    def _after(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.sent.append((perf_counter() - self._began, statement))

    def headers(self) -> list[tuple[bytes, bytes]]:
        seconds, statement = max(self.sent, default=(0.0, ""))
        line = " ".join(statement.split())[:LONGEST]
        values = {SENT: str(len(self.sent)), SLOWEST_MS: f"{seconds * 1000:.1f}", SLOWEST: line}
        return [(name.encode(), value.encode("ascii", "replace")) for name, value in values.items()]


def with_statements(app: ASGIApp) -> ASGIApp:
    statements = Statements()

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *statements.headers()]
            await send(message)

        statements.sent.clear()
        await app(scope, receive, tell)

    return told
