"""How many statements the app sends: a list must not ask once for every row."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import Engine

WHO_LISTENS = "SELECT webhook_endpoint.id, webhook_endpoint.events \nFROM webhook_endpoint"
"""Asked once in some seconds, by whoever comes first."""


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that any engine of this process sends meanwhile, and those that are sent without one."""
    sent: list[str] = []
    fetch = asyncpg.Connection.fetch

    async def noted_fetch(connection: asyncpg.Connection, statement: str, *arguments: object) -> object:
        sent.append(statement)
        return await fetch(connection, statement, *arguments)

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(WHO_LISTENS):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with patch.object(asyncpg.Connection, "fetch", noted_fetch):
            yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
