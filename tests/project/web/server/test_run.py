"""`manage.py run`, as an operator starts it: the bounds hold in each of its processes, and a renewal refuses nobody."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port
from tests.kernel.processes import PATIENCE, Process, Processes, until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def web(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Process]:
    for name in ("HEADER_SECONDS", "BODY_SECONDS"):
        monkeypatch.setenv(name, "0.5")
    started = Processes(database_url, tmp_path)
    try:
        yield await started.web("--workers", "2", port=free_port())
    finally:
        started.stop()


async def answer_to(web: Process, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(web.url).port)
    writer.write(request)
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read()
    writer.close()
    return answer


async def test_what_is_too_large_or_too_slow_is_refused_in_each_process(web: Process) -> None:
    slow, large = b"GET / HTTP/1.1\r\nx: y\r\n", b"GET / HTTP/1.1\r\nx: " + b"a" * 1_000_000
    body = b"POST /api/v1/checkout HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{"
    for request, status in ((slow, b"408"), (large, b"431"), (body, b"408")):
        answers = await asyncio.gather(*(answer_to(web, request) for _ in range(20)))
        assert {answer.split(b" ", 2)[1] for answer in answers} == {status}


async def test_a_renewal_refuses_nobody(web: Process) -> None:
    web.signal(signal.SIGHUP)
    renewed = asyncio.create_task(until(lambda: is_renewed(web)))
    async with httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=PATIENCE) as client:
        while not renewed.done():
            answer = await client.get("/health/live", headers={"Connection": "close"})
            assert answer.status_code == 200
    await renewed


async def is_renewed(web: Process) -> bool:
    return web.log.read_text().count("web processes answer") == 2 and web.log.read_text().count("Finished server") == 2
