"""Commands beside a running demo work on its database, unless one has a database of one's own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from apps.core.db.database import Database
from project import environment
from project.demo import running
from project.embedded_postgres.lease import Lease
from project.environment import demo_settings, prepare
from project.settings import ROOT, InvoiceSettings, Settings, given
from tests.journeys.customer import sql
from tests.project.test_commands import SHIRT, manage

PREFIXES = ("BANK_TRANSFER_", "PAYPAL_", "STRIPE_", "YOOKASSA_")
OF_PROVIDERS = tuple(name for name in os.environ if name.startswith(PREFIXES))
OF_INVOICES = tuple(f"INVOICE_{name.upper()}" for name in InvoiceSettings.__struct_fields__)
OWN = (*map(str.upper, Settings.__struct_fields__), *OF_PROVIDERS, *OF_INVOICES)


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clone without settings or data; what `prepare` sets is undone."""
    for name in OWN:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "DEMO_DATA", tmp_path / ".data" / "demo")
    monkeypatch.setattr(running, "_lease", Lease())
    (tmp_path / ".data" / "demo").mkdir(parents=True)
    yield
    running._lease.give_back()


@pytest.fixture
def demo(tmp_path: Path) -> Mapping[str, str]:
    settings = {**demo_settings(["demo", "--port", "8123"]), "SECRET_KEY": "k" * 40}
    running.announce(tmp_path / ".data" / "demo", settings)
    return settings


def now_set() -> dict[str, str]:
    return {name: os.environ[name] for name in OWN if name in os.environ}


def test_a_demo_that_goes_on_as_its_supervisor_still_runs(tmp_path: Path) -> None:
    """And no longer than that: the programs that it starts hold nothing."""
    folder = tmp_path / ".data" / "demo"
    code = f"from project.demo.running import announce; from pathlib import Path; announce(Path({str(folder)!r}), {{}})"
    become = 'import os; os.execvp("sh", ["sh", "-c", "echo; read line"])'
    command = [sys.executable, "-c", f"{code}; {become}"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as demo:
        assert demo.stdin
        assert demo.stdout
        demo.stdout.readline()
        assert running.running_demo(folder) == {}
        demo.stdin.close()
        demo.wait()
    assert running.running_demo(folder) is None


class TestWhichDatabase:
    def test_the_demos_while_it_runs(self, demo: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        prepare(["import-products", "file.csv"])
        assert now_set() == demo
        assert capsys.readouterr().err == "The demo runs here: import-products works on its data.\n"

    def test_ones_own_once_it_has_ended(self, demo: Mapping[str, str]) -> None:
        running._lease.give_back()
        prepare(["migrate"])
        assert "DATA_DIR" not in now_set()

    @pytest.mark.parametrize("own", ["DATABASE_URL", ".env", ".data/postgres"])
    def test_ones_own_where_there_is_one_with_a_hint(
        self,
        demo: Mapping[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        own: str,
    ) -> None:
        if own == "DATABASE_URL":
            monkeypatch.setenv(own, "postgresql+asyncpg://localhost/band")
        elif own == ".env":
            (tmp_path / ".env").write_text("DATABASE_URL=postgresql+asyncpg://localhost/band\n")
        else:
            (tmp_path / own).mkdir()
        prepare(["create-user", "you@example.org"])
        assert "DATA_DIR" not in now_set()
        assert "python3 manage.py --demo create-user" in capsys.readouterr().err
        prepare(["--demo", "create-user", "you@example.org"])
        assert now_set() == demo

    @pytest.mark.parametrize("command", environment.WITHOUT_DATABASE)
    def test_it_is_nothing_to_who_needs_none(self, demo: Mapping[str, str], command: str) -> None:
        prepare([command])
        assert "DATA_DIR" not in now_set()

    def test_a_demo_that_is_stopped_is_reached_too(self, tmp_path: Path) -> None:
        prepare(["--demo", "dbshell"])
        assert now_set()["DATA_DIR"] == str(tmp_path / ".data" / "demo")
        assert now_set()["ENVIRONMENT"] == "demo"

    @pytest.mark.anyio
    async def test_a_file_is_imported_into_the_running_demo(self, db: Database, tmp_path: Path) -> None:
        settings = {**demo_settings(["demo"]), "DATABASE_URL": db.url, "SECRET_KEY": "k" * 40}
        running.announce(tmp_path, settings | {"DATA_DIR": str(tmp_path)})
        (tmp_path / "products.csv").write_text(SHIRT)
        status, said = manage("import-products", str(tmp_path / "products.csv"), DATA_DIR=str(tmp_path))
        assert (status, "1 created" in said) == (0, True)
        assert [row.slug for row in await sql(db, "SELECT slug FROM product")] == ["shirt"]


class TestSettingsOfTheDemo:
    def test_are_never_those_in_dotenv(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("".join(f"{name}=of-the-band\n" for name in OWN))
        prepare(["demo"])
        assert "of-the-band" not in given().values()
        assert given().keys() == demo_settings(["demo"]).keys()

    @pytest.mark.parametrize("name", OWN)
    def test_are_those_of_the_environment_but_for_its_own(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setenv(name, "/said/here")
        prepare(["demo"])
        is_its_own = name in environment.OF_DEMO
        assert (given()[name] == "/said/here") is not is_its_own

    def test_which_are_its_own_stands_in_the_example(self) -> None:
        text = (Path(__file__).resolve().parents[2] / ".env.example").read_text()
        assert ", ".join(sorted(environment.OF_DEMO)) in text.replace("\n# ", " ")


def test_the_file_that_tells_of_it_is_for_its_owner_alone(demo: Mapping[str, str], tmp_path: Path) -> None:
    mark = tmp_path / ".data" / "demo" / running.MARK
    assert mark.stat().st_mode & 0o777 == 0o600
    assert json.loads(mark.read_text()) == demo
    mark.write_text("{")
    assert running.running_demo(mark.parent) is None
