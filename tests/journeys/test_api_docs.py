"""docs/api.md does what it says."""

import asyncio
import re
from pathlib import Path

import pytest

from apps.core.jobs import run_worker
from project.settings import ROOT, settings
from tests.conformance import api
from tests.factories import make_tickets
from tests.journeys.buyer import sql

pytestmark = pytest.mark.anyio
GUIDE = ROOT / "docs" / "api.md"
MOST_LINES = 10


def ten_lines() -> str:
    """The first code block, for the server of this test."""
    block = re.search(r"```bash\n(.+?)```", GUIDE.read_text(), re.DOTALL)
    assert block
    return block[1].replace("http://127.0.0.1:8000", settings.base_url)


@pytest.fixture
async def worker(db):
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(db, stop=stop))
    yield
    stop.set()
    await task


async def test_ten_lines_of_curl_buy_a_ticket(server, worker, db, tmp_path: Path):
    async with db.begin() as session:
        await make_tickets(session, 100)
    process = await asyncio.create_subprocess_exec("bash", "-eu", "-c", ten_lines(), stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    ((order,),) = await sql(db, "SELECT state FROM orders")
    assert (process.returncode, order) == (0, "paid")
    assert re.fullmatch(r"\S{20,}", output.decode().strip().splitlines()[-1])


def test_they_are_ten():
    assert len(ten_lines().strip().splitlines()) <= MOST_LINES


def test_every_path_of_the_guide_exists():
    mentioned = set(re.findall(r"`(?:GET|POST) (/[\w/{}-]+)`", GUIDE.read_text()))
    assert mentioned
    assert mentioned <= {path.removeprefix("/api/v1") for path in api()["paths"]}
