"""Clients that others' generators make of the document: they compile, and buy a ticket as a guest.

One test a language, so that its packages are installed once.
"""

import sys
from pathlib import Path

import pytest

from apps.core.db.database import Database
from project.settings import ROOT, settings
from tests.conformance import api
from tests.contract.npm import copy, install, needs_npm, run
from tests.factories import make_tickets
from tests.journeys.conftest import serving
from tests.journeys.customer import sql

TYPESCRIPT, PYTHON = ROOT / "clients" / "typescript", ROOT / "clients" / "python"
PROGRAMS = Path(sys.executable).parent
pytestmark = pytest.mark.anyio


@pytest.fixture
async def tickets(db: Database) -> None:
    async with db.begin() as session:
        await make_tickets(session, 100)


@pytest.fixture
async def typescript(tmp_path: Path) -> Path:
    await install(TYPESCRIPT, tmp_path)
    for script in ("generate", "build"):
        await succeed(tmp_path, "npm", "run", script)
    return tmp_path


@pytest.fixture
async def python(tmp_path: Path) -> Path:
    copy(PYTHON, tmp_path)
    generate = ("generate", "--path", "openapi.json", "--config", "config.yaml", "--meta", "none", "--fail-on-warning")
    program = str(PROGRAMS / "openapi-python-client")
    await succeed(tmp_path, program, *generate, "--output-path", "backline_client")
    return tmp_path


async def succeed(folder: Path, *command: str) -> str:
    code, output = await run(folder, *command)
    assert code == 0, output
    return output


async def buys(folder: Path, db: Database, *command: str) -> None:
    said = await succeed(folder, *command, settings.base_url, "fan@example.org")
    numbers = [number for (number,) in await sql(db, "SELECT number FROM orders ORDER BY id")]
    assert f"Order {numbers[-1]}: pay 3000 EUR" in said


@needs_npm
@pytest.mark.usefixtures("tickets")
async def test_typescript_compiles_and_places_orders(typescript: Path, database_url: str, db: Database) -> None:
    async with serving(database_url):
        await buys(typescript, db, "node", "dist/buy.js")
        await buys(typescript, db, "node", "dist/buy-with-sdk.js")
    assert len(await sql(db, "SELECT 1 FROM orders")) == 2


@pytest.mark.usefixtures("tickets")
async def test_python_is_typed_for_guests_and_places_an_order(python: Path, database_url: str, db: Database) -> None:
    await succeed(python, str(PROGRAMS / "mypy"), "--strict", "buy.py")
    async with serving(database_url):
        await buys(python, db, sys.executable, "buy.py")
    models = list((python / "backline_client" / "models").glob("*.py"))
    assert len(models) < 1.5 * len(api()["components"]["schemas"]), "one for each object, and few beside"
