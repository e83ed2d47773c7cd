"""Clients that others' generators make of the document: they compile, buy a ticket as a guest, and install elsewhere.

One test a language, so that its packages are installed once.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from apps.core.db.database import Database
from project.settings import ROOT, settings
from project.web.openapi.about import LICENSE, VERSION
from tests.conformance import api
from tests.contract.npm import OFFLINE, copy, install, needs_npm, run
from tests.factories import make_tickets
from tests.journeys.conftest import serving
from tests.journeys.customer import sql

TYPESCRIPT, PYTHON = ROOT / "clients" / "typescript", ROOT / "clients" / "python"
PROGRAMS = Path(sys.executable).parent
AVAILABLE = re.compile("[a-z0-9-]+: available\n")
"""What the first request of the packages' READMEs shows of one concert."""
pytestmark = pytest.mark.anyio


@pytest.fixture
async def tickets(db: Database) -> None:
    async with db.begin() as session:
        await make_tickets(session, 100)


@pytest.fixture
async def typescript(tmp_path: Path) -> Path:
    """Generated, compiled and packed."""
    folder = new_folder(tmp_path, "typescript")
    await install(TYPESCRIPT, folder)
    await succeed(folder, "npm", "pack")
    return folder


@pytest.fixture
async def python(tmp_path: Path) -> Path:
    """Generated and packed."""
    folder = new_folder(tmp_path, "python")
    copy(PYTHON, folder)
    generate = ("generate", "--path", "openapi.json", "--config", "config.yaml", "--meta", "none", "--fail-on-warning")
    program = str(PROGRAMS / "openapi-python-client")
    await succeed(folder, program, *generate, "--output-path", "backline_client")
    await succeed_online(folder, sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "dist", ".")
    return folder


def new_folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


async def succeed(folder: Path, *command: str) -> str:
    code, output = await run(folder, *command)
    assert code == 0, output
    return output


async def succeed_online(folder: Path, *command: str) -> None:
    """Skips the test where no registry can be reached."""
    code, output = await run(folder, *command)
    if code and OFFLINE.search(output):
        pytest.skip(f"{command[0]} cannot reach a registry")
    assert code == 0, output


def built(folder: Path, pattern: str) -> str:
    """The address of the one package that was made."""
    (package,) = folder.glob(pattern)
    return str(package)


def first_request(package: Path) -> str:
    """The program in its README, for the server of the tests."""
    program = re.search(r"```\w+\n(.+?)```", (package / "README.md").read_text(), re.DOTALL)
    assert program
    return program[1].replace("http://127.0.0.1:8000", settings.base_url)


async def buys(folder: Path, db: Database, *command: str) -> None:
    said = await succeed(folder, *command, settings.base_url, "fan@example.org")
    numbers = [number for (number,) in await sql(db, "SELECT number FROM orders ORDER BY id")]
    assert f"Order {numbers[-1]}: pay 3000 EUR" in said


@needs_npm
@pytest.mark.usefixtures("tickets")
async def test_typescript_compiles_places_orders_and_installs(
    typescript: Path, database_url: str, db: Database
) -> None:
    elsewhere = new_folder(typescript.parent, "elsewhere")
    await succeed(elsewhere, "npm", "install", "--no-audit", "--no-fund", built(typescript, "*.tgz"))
    (elsewhere / "first.mts").write_text(first_request(typescript))
    compiler = str(typescript / "node_modules" / ".bin" / "tsc")
    await succeed(elsewhere, compiler, "--strict", "--module", "nodenext", "--target", "es2022", "first.mts")
    async with serving(database_url):
        await buys(typescript, db, "node", "dist/buy.js")
        await buys(typescript, db, "node", "dist/buy-with-sdk.js")
        assert AVAILABLE.fullmatch(await succeed(elsewhere, "node", "first.mjs"))
    assert len(await sql(db, "SELECT 1 FROM orders")) == 2


@pytest.mark.usefixtures("tickets")
async def test_python_is_typed_for_guests_places_an_order_and_installs(
    python: Path, database_url: str, db: Database
) -> None:
    elsewhere = new_folder(python.parent, "elsewhere")
    await succeed(elsewhere, sys.executable, "-m", "venv", "venv")
    own = str(elsewhere / "venv" / "bin" / "python")
    await succeed_online(elsewhere, own, "-m", "pip", "install", built(python, "dist/*.whl"))
    (elsewhere / "first.py").write_text(first_request(python))
    await succeed(elsewhere, str(PROGRAMS / "mypy"), "--strict", "--python-executable", own, "first.py")
    await succeed(python, str(PROGRAMS / "mypy"), "--strict", "buy.py")
    async with serving(database_url):
        await buys(python, db, sys.executable, "buy.py")
        assert AVAILABLE.fullmatch(await succeed(elsewhere, own, "first.py"))
    models = list((python / "backline_client" / "models").glob("*.py"))
    assert len(models) < 1.5 * len(api()["components"]["schemas"]), "one for each object, and few beside"


def test_packages_have_the_version_of_the_document() -> None:
    typescript = json.loads((TYPESCRIPT / "package.json").read_text())
    python = tomllib.loads((PYTHON / "pyproject.toml").read_text())
    assert (typescript["version"], python["project"]["version"]) == (VERSION, VERSION)
    assert (typescript["license"], python["project"]["license"]) == (LICENSE["identifier"], LICENSE["identifier"])
