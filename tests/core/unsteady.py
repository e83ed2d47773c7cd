"""A way to PostgreSQL that can be cut, closed and frozen: as networks, failovers and pulled plugs do it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url

SOCKET = ".s.PGSQL.{port}"


class Way:
    """Passes bytes on between a socket of its own (`url`) and the server's."""

    def __init__(self, url: str, folder: Path) -> None:
        server = make_url(url)
        self._path = Path(str(server.query["host"])) / SOCKET.format(port=server.port or 5432)
        self._own = folder / self._path.name
        self.url = server.set(query={**server.query, "host": str(folder)}).render_as_string(hide_password=False)
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, str(self._own))

    def cut(self) -> None:
        """Whoever is connected is not any more; the next may come."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def close(self) -> None:
        """Nobody gets through until it is opened again."""
        if self._server:
            self._server.close()
        self._own.unlink(missing_ok=True)
        self.cut()

    def freeze(self) -> None:
        """Who is connected hears nothing more, and is not told; the next gets through."""
        self._flows.clear()
        self._flows = asyncio.Event()
        self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flows = self._flows
        far_reader, far_writer = await asyncio.open_unix_connection(str(self._path))
        self._writers += [writer, far_writer]
        for each in (self._pass_on(reader, far_writer, flows), self._pass_on(far_reader, writer, flows)):
            task = asyncio.create_task(each)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await flows.wait()
                writer.write(data)
        writer.close()

    def end(self) -> None:
        self.close()
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def unsteady(url: str) -> AsyncIterator[Way]:
    with tempfile.TemporaryDirectory(prefix="way-") as folder:
        way = Way(url, Path(folder))
        await way.open()
        try:
            yield way
        finally:
            way.end()
