"""Web processes come and go; who connects meanwhile is answered."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from project.settings import ROOT
from tests.conftest import free_port
from tests.kernel.processes import PATIENCE
from tests.project.web.server.little import UNWILLING

pytestmark = pytest.mark.anyio


class Site:
    """The little app under a supervisor."""

    def __init__(self, port: int, folder: Path, *, handed: socket.socket | None = None) -> None:
        self.port = port
        self._log = folder / f"log-{time.monotonic_ns()}"
        self.unwilling = folder / "unwilling"
        environment = {**os.environ, UNWILLING: str(self.unwilling)}
        command = [sys.executable, "-m", "tests.project.web.server.little", "supervise", str(port), "2"]
        if handed:
            command = [sys.executable, "-c", HAND_OVER, str(handed.fileno()), *command[1:]]
        with self._log.open("wb") as log:
            self.supervisor = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, pass_fds=[handed.fileno()] if handed else []
            )

    async def pid(self) -> int:
        """Of the process that answers. Nobody is ever refused, nor left without an answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET /pid HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        return int(answer.rpartition(b"\r\n")[2])

    async def pids(self) -> set[int]:
        return {await self.pid() for _ in range(50)}

    async def said(self, words: str, *, times: int = 1) -> None:
        """Waits until the supervisor has logged it."""
        async with asyncio.timeout(PATIENCE):
            while self._log.read_text().count(words) < times:
                assert self.supervisor.poll() is None
                await asyncio.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        self.supervisor.send_signal(number)

    async def stop(self) -> None:
        if self.supervisor.poll() is None:
            self.signal(signal.SIGTERM)
            await self.ended()

    async def ended(self) -> int:
        return await asyncio.to_thread(self.supervisor.wait, PATIENCE)


ANSWER, DO_NOT_ANSWER = "web processes answer", "the new web processes do not answer"
HAND_OVER = """
import os, sys
descriptor, *command = sys.argv[1:]
os.dup2(int(descriptor), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, *command])
"""
"""What systemd does for a service with a socket of its own."""


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(free_port(), tmp_path)
    try:
        await made.said(ANSWER)
        yield made
    finally:
        await made.stop()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


async def until_gone(pids: set[int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(map(is_alive, pids)):  # noqa: ASYNC110 (processes of others tell of nothing)
            await asyncio.sleep(0.05)


class TestRenewal:
    async def test_new_processes_answer_before_the_old_ones_end_and_nobody_is_refused(self, site: Site) -> None:
        old = await site.pids()
        site.signal(signal.SIGHUP)
        renewed = asyncio.create_task(site.said(ANSWER, times=2))
        while not renewed.done():
            await site.pid()
        await renewed
        await until_gone(old)
        assert not await site.pids() & old

    async def test_who_is_connected_already_is_answered_by_the_old_ones(self, site: Site) -> None:
        old = await site.pids()
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        site.signal(signal.SIGHUP)
        answer = await reader.readuntil(b"/slow ")
        assert any(b"pid: %d\r\n" % pid in answer for pid in old)
        writer.close()
        await until_gone(old)

    async def test_those_that_do_not_start_leave_the_old_ones_at_work(self, site: Site) -> None:
        old = await site.pids()
        site.unwilling.touch()
        site.signal(signal.SIGHUP)
        await site.said(DO_NOT_ANSWER)
        assert await site.pids() <= old


class TestDeath:
    async def test_a_process_that_dies_is_replaced(self, site: Site) -> None:
        before = await site.pids()
        victim = await site.pid()
        os.kill(victim, signal.SIGKILL)
        await until_gone({victim})
        async with asyncio.timeout(PATIENCE):
            while await site.pids() == before - {victim}:
                pass

    async def test_the_supervisors_ends_its_processes_and_frees_the_port(self, site: Site) -> None:
        pids = await site.pids()
        site.signal(signal.SIGKILL)
        await until_gone(pids)
        with socket.create_server(("127.0.0.1", site.port)):
            pass


class TestEnd:
    async def test_what_was_asked_is_answered(self, site: Site) -> None:
        pids = await site.pids()
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(0.2)
        site.signal(signal.SIGTERM)
        assert b"/slow" in await reader.readuntil(b"/slow ")
        writer.close()
        assert await site.ended() == 0
        assert not any(map(is_alive, pids))

    async def test_a_first_start_that_fails_is_the_end(self, tmp_path: Path) -> None:
        (tmp_path / "unwilling").touch()
        assert await Site(free_port(), tmp_path).ended() == 1


async def test_on_a_socket_that_somebody_holds_stop_and_start_refuse_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as held:
        port = held.getsockname()[1]
        first = Site(port, tmp_path, handed=held)
        await first.pid()
        first.signal(signal.SIGTERM)
        assert await first.ended() == 0
        waiting = asyncio.create_task(first.pid())
        second = Site(port, tmp_path, handed=held)
        assert await waiting
        second.signal(signal.SIGTERM)
        assert await second.ended() == 0
