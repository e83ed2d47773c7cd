"""What fails for a reason that people can mend is one line, with no traceback, whatever the command."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError

from project.failures import sentence_of
from project.migrations import NO_TABLES
from project.settings import ROOT
from tests.conftest import WORKER, free_port, maintenance, recreate, url_of

EMPTY, READER = f"backline_empty_{WORKER}", f"reader_{WORKER}"
SHIRT = "Handle,Title,Variant Price\nshirt,Shirt,20.00\n"


def manage(*arguments: str, **environment: str) -> tuple[int, str]:
    """The status it ends with, and what it says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        input="a long password\n",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    path = tmp_path / "products.csv"
    path.write_text(SHIRT)
    return str(path)


@pytest.mark.parametrize("command", ["import-products", "import-concerts", "create-user", "migrate", "dbshell"])
def test_without_a_database_there_is_one_line(command: str, sheet: str) -> None:
    url = f"postgresql+asyncpg://backline:secret@127.0.0.1:{free_port()}/backline"
    argument = {"migrate": (), "dbshell": ("-c", "SELECT 1"), "create-user": ("you@example.org",)}
    status, said = manage(command, *argument.get(command, (sheet,)), DATABASE_URL=url)
    assert status != 0
    assert "secret" not in said
    if command != "dbshell":
        assert said.startswith("The database cannot be reached: ")
        assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["import-products", "create-user"])
def test_without_tables_it_says_what_makes_them(postgres: str, command: str, sheet: str) -> None:
    asyncio.run(recreate(postgres, EMPTY, template="template1"))
    argument = sheet if command == "import-products" else "you@example.org"
    assert manage(command, argument, DATABASE_URL=url_of(postgres, EMPTY)) == (1, f"{NO_TABLES}\n")


@pytest.mark.anyio
async def test_without_the_right_to_it_it_says_so(postgres: str, database_url: str, sheet: str) -> None:
    await make_role(postgres)
    url = make_url(database_url).set(username=READER).render_as_string(hide_password=False)
    status, said = manage("import-products", sheet, DATABASE_URL=url)
    assert (status, said) == (1, "The database does not allow this: permission denied for table alembic_version\n")


async def make_role(server: str) -> None:
    async with maintenance(server) as connection:
        await connection.execute(f'DROP ROLE IF EXISTS "{READER}"')
        await connection.execute(f'CREATE ROLE "{READER}" LOGIN')


@pytest.mark.parametrize(
    ("command", "content", "sentence"),
    [
        ("import-products", b"{}", "line 1: this is not Shopify's product CSV"),
        ("import-products", bytes(range(256)), "line 1: this is not Shopify's product CSV"),
        ("import-products", b"", "line 1: this is not Shopify's product CSV"),
        ("import-concerts", SHIRT.encode(), "line 1: this is not JSON"),
        ("import-concerts", bytes(range(256)), "line 1: this is not JSON"),
    ],
)
@pytest.mark.anyio
async def test_another_kind_of_file_is_told(
    database_url: str, tmp_path: Path, command: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    status, said = manage(command, str(path), DATABASE_URL=database_url)
    assert status == 1
    assert sentence in said


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_file_that_is_none_is_told(name: str) -> None:
    status, said = manage("import-products", name)
    assert status == 2
    assert f"'{name}'" in said


def test_a_folder_that_is_not_ours_is_told() -> None:
    status, said = manage("migrate", ENVIRONMENT="demo", DATA_DIR="/proc/nowhere", SECRET_KEY="")
    assert status == 1
    assert said.startswith("DATA_DIR: /proc/nowhere: ")


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    assert sentence_of(KeyError("x")) is None
    wrong = ProgrammingError("SELECT", {}, asyncpg.PostgresSyntaxError("no"))
    assert sentence_of(wrong) is None
