"""The TypeScript client made from the document compiles, and buys a ticket."""

import json
import re
import shutil
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from apps.core.db import Database
from project.settings import ROOT, settings
from tests.conformance import api
from tests.factories import make_tickets
from tests.journeys.buyer import sql
from tests.journeys.conftest import serving

CLIENT = ROOT / "clients" / "typescript"
SOURCES = ("package.json", "tsconfig.json", ".npmrc", "buy.ts")
OFFLINE = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH")

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm"),
]


@pytest.fixture
async def client_folder(tmp_path: Path) -> Path:
    """The client's sources with their packages; skipped where no package registry can be reached."""
    for name in SOURCES:
        shutil.copy(CLIENT / name, tmp_path)
    (tmp_path / "openapi.json").write_text(json.dumps(api()))
    code, output = await run(tmp_path, "npm", "install", "--no-audit", "--no-fund")
    if code and OFFLINE.search(output):
        pytest.skip("npm cannot reach a registry")
    assert code == 0, output
    return tmp_path


async def run(folder: Path, *command: str) -> tuple[int | None, str]:
    process = await create_subprocess_exec(*command, cwd=folder, stdout=PIPE, stderr=STDOUT)
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_compiles_and_places_an_order(client_folder: Path, database_url: str, db: Database):
    async with db.begin() as session:
        await make_tickets(session, 100)
    for script in ("generate", "build"):
        code, output = await run(client_folder, "npm", "run", script)
        assert code == 0, output
    async with serving(database_url):
        code, output = await run(client_folder, "node", "dist/buy.js", settings.base_url, "fan@example.org")
    ((number,),) = await sql(db, "SELECT number FROM orders")
    assert (code, f"Order {number}: pay 3000 EUR" in output) == (0, True), output
