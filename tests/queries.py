"""How many statements the app sends: a list must not ask once for every row."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine

WHO_LISTENS = "SELECT webhook_endpoint.id, webhook_endpoint.events \nFROM webhook_endpoint"
"""Asked once in some seconds, by whoever comes first."""


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that any engine of this process sends meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(WHO_LISTENS):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
