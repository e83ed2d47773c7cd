"""One database cluster: its data on disk and its server. Every method is called inside the guard of its folder."""

import os
import shutil
import subprocess
import time
from functools import cached_property
from pathlib import Path

from project.embedded_postgres import probe
from project.embedded_postgres.binaries import find_binaries, major_version
from project.embedded_postgres.errors import EmbeddedPostgresError, reason
from project.embedded_postgres.paths import DatabaseUser, database_user, socket_folder
from project.embedded_postgres.process import ServerProcess

_ROLE = _DATABASE = "backline"
_PORT = "5432"
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
_SETTINGS = {
    "listen_addresses": "",
    "port": _PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Parallel queries share memory in /dev/shm, which has 64 MB in a container.
    "max_parallel_workers_per_gather": "0",
}
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_LOG_BYTES = 5_000_000
_START_SECONDS = 120.0


class Cluster:
    """The data in `home`/postgres and the server on it."""

    def __init__(self, home: Path, *, bin_dir: Path | None, fast: bool) -> None:
        self.home = home
        self.lease = home / "postgres.lease"
        self._data = home / "postgres"
        self._log = home / "postgres.log"
        self._log_start = 0
        self._server = ServerProcess(self._data)
        self._bin_dir = bin_dir
        self._fast = fast

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://{_ROLE}@/{_DATABASE}?host={self._sockets}&port={_PORT}"

    def serve(self) -> None:
        """Returns when the server takes connections and the database exists, whatever was there before."""
        if not self._data.exists():
            self._initialise()
        deadline = time.monotonic() + _START_SECONDS
        while (state := self._probe()) in (probe.ABSENT, probe.STARTING_OR_STOPPING):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"The embedded database did not come up in time; see {self._log}.")
            if self._server.pid is None:
                self._launch()
            time.sleep(0.02)
        if state == probe.NO_SUCH_DATABASE:
            self._create_database()

    def shut_down(self) -> None:
        """Stops the server, if one runs, and waits until it is gone."""
        self._server.stop()
        if self._data.exists():
            shutil.rmtree(self._sockets)

    def destroy(self) -> None:
        """Removes all data for good; killed half-way, it leaves nothing that looks like data."""
        self.shut_down()
        doomed = self.home / "postgres.old"
        shutil.rmtree(doomed, ignore_errors=True)
        if self._data.exists():
            self._data.rename(doomed)
            shutil.rmtree(doomed)

    @property
    def _user(self) -> DatabaseUser:
        return database_user(self._data)

    @property
    def _sockets(self) -> Path:
        return socket_folder(self._data, self._user)

    @cached_property
    def _binaries(self) -> Path:
        return find_binaries(self._bin_dir, self._user)

    def _probe(self) -> str:
        return probe.probe(self._sockets / f".s.PGSQL.{_PORT}", user=_ROLE, database=_DATABASE)

    def _initialise(self) -> None:
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._user.make_folder(draft)
        # With the locale C, Cyrillic would be missing from full-text search and trigrams.
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", f"--username={_ROLE}"]
        if major_version(self._binaries) >= 17:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._fast:
            options.append("--no-sync")
        self._run("initdb", f"--pgdata={draft}", *options)
        draft.rename(self._data)

    def _create_database(self) -> None:
        self._run("createdb", f"--host={self._sockets}", f"--port={_PORT}", f"--username={_ROLE}", _DATABASE)

    def _run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs to its end."""
        done = subprocess.run(  # noqa: S603
            [self._binaries / program, *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            env=_ENVIRONMENT,
            check=False,
            **self._user.spawn_options,
        )
        if done.returncode:
            raise EmbeddedPostgresError(f"{program} failed: {reason(done.stderr, self.home)}")

    def _launch(self) -> None:
        self._raise_if_it_gave_up()
        self._check_version()
        self._forget_dead_server()
        settings = _SETTINGS | (_FAST if self._fast else {}) | {"unix_socket_directories": str(self._sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with os.fdopen(self._open_log(), "ab") as log:
            # A session of its own, so that the terminal's Ctrl-C reaches only the app.
            child = subprocess.Popen(  # noqa: S603
                [self._binaries / "postgres", "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
                **self._user.spawn_options,
            )
        self._server.launched(child)

    def _raise_if_it_gave_up(self) -> None:
        """Unless it only met the last processes of a killed server, which end by themselves."""
        if not self._server.take_failure():
            return
        said = self._log.read_bytes()[self._log_start :].decode(errors="replace")
        if "pre-existing shared memory block" not in said:
            raise EmbeddedPostgresError(f"The embedded database did not start: {reason(said, self.home)}")
        time.sleep(0.2)

    def _check_version(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        found = str(major_version(self._binaries))
        if made_by != found:
            raise EmbeddedPostgresError(
                f"The data in {self._data} was made by PostgreSQL {made_by}, but the programs in {self._binaries} are "
                f"PostgreSQL {found}: set POSTGRES_BIN to a PostgreSQL {made_by}, or dump there and restore here."
            )

    def _forget_dead_server(self) -> None:
        """PostgreSQL would take a zombie, or a stranger with the same pid, for the server that wrote these files."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for left in self._sockets.iterdir():
            left.unlink()

    def _open_log(self) -> int:
        """Appends, and keeps one old file when it has grown large."""
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.old"))
        descriptor = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._log_start = os.fstat(descriptor).st_size
        return descriptor
