"""Backline as it really runs: processes of their own, to be killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
from sqlalchemy import text

from apps.core.db.database import Database
from project.settings import ROOT, settings
from tests.journeys.customer import sql

PATIENCE = 60
"""Seconds that anything may take on a busy machine."""


class Process:
    """`manage.py <command>` on the test's database; its output goes to `log`."""

    def __init__(self, *command: str, database_url: str, log: Path, port: int = settings.port, **extra: str) -> None:
        self.log = log
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "BASE_URL": self.url,
            **extra,
            "DATABASE_URL": database_url,
            "PORT": str(port),
        }
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def kill(self) -> None:
        """As the kernel does when memory is short: no goodbye to anybody, of the processes below it neither."""
        below = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (self._process.pid, *map(int, below)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        if self._process.poll() is None:
            self.kill()

    async def serves(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        try:
            async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
                return (await client.get("/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False


class Processes:
    """Starts them; whatever is left of them ends with the test."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._url = database_url
        self._folder = folder
        self._started: list[Process] = []

    async def web(self, *options: str, port: int = settings.port, **environment: str) -> Process:
        process = self._start("run", *options, port=port, **environment)
        await until(process.serves)
        return process

    def worker(self, **environment: str) -> Process:
        return self._start("worker", **environment)

    def _start(self, *command: str, port: int = settings.port, **environment: str) -> Process:
        log = self._folder / f"{command[0]}-{len(self._started)}.log"
        self._started.append(Process(*command, database_url=self._url, log=log, port=port, **environment))
        return self._started[-1]

    def stop(self) -> None:
        for process in self._started:
            process.stop()


async def until(happens: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await happens():  # noqa: ASYNC110 (it is another process that is waited for)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def standing_in_the_way(db: Database, lock: str) -> AsyncIterator[None]:
    """A transaction that holds `lock`, and lets go of it at the end."""
    async with db.engine.connect() as connection:
        await connection.execute(text(lock))
        yield
        await connection.rollback()


async def somebody_waits(db: Database) -> bool:
    """For a lock that another transaction holds."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await sql(db, waiting))


async def nothing_is_queued(db: Database) -> bool:
    return not await sql(db, "SELECT id FROM pgqueuer WHERE status IN ('queued', 'picked')")


async def forget_the_dead(db: Database) -> None:
    """What a dead worker had picked counts as abandoned now, not only when its heartbeat has been silent for long."""
    await sql(db, "UPDATE pgqueuer SET heartbeat = now() - interval '1 minute' WHERE status = 'picked'")
