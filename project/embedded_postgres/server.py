"""The embedded server as the rest of Backline sees it."""

import atexit
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType, TracebackType

from project.embedded_postgres.cluster import Cluster
from project.embedded_postgres.errors import EmbeddedPostgresError, explained
from project.embedded_postgres.lease import Lease, guard, nobody_shares
from project.embedded_postgres.paths import find_home, forget_home


class EmbeddedPostgres:
    """The PostgreSQL server whose data is in `data_dir`/postgres, shared by every process that starts it.

    `bin_dir` names PostgreSQL's programs; without it the wheel's are taken, else the system's. `fast` gives up
    durability for speed (a crash of the machine may lose everything): for tests. All calls block for a moment, so
    make them before an event loop runs. A forked or spawned child that uses the database calls start() itself.
    """

    def __init__(self, data_dir: Path, *, bin_dir: Path | None = None, fast: bool = False) -> None:
        self._data_dir = data_dir.resolve()
        self._bin_dir = bin_dir
        self._fast = fast
        self._lease = Lease()
        self._cluster: Cluster | None = None

    def start(self) -> str:
        """The database's URL, for SQLAlchemy with asyncpg, once it takes connections; may be called again at any time.

        Raises EmbeddedPostgresError. The server is left to others by stop(), or when this process ends.
        """
        with self._settled() as cluster:
            self._lease.take(cluster.lease)
            try:
                cluster.serve()
                url = cluster.url
            except BaseException:
                self._leave(cluster)
                raise
        atexit.unregister(self.stop)
        atexit.register(self.stop)
        _exit_on_sigterm()
        return url

    def stop(self) -> None:
        """Gives this process's lease back; the last one to do so stops the server and waits for its end."""
        atexit.unregister(self.stop)
        if self._lease.held:
            with self._settled() as cluster:
                self._leave(cluster)

    def wipe(self) -> None:
        """Removes all data. Raises EmbeddedPostgresError while any process, this one included, holds a lease."""
        with self._settled() as cluster:
            if not nobody_shares(cluster.lease):
                raise EmbeddedPostgresError(
                    f"The database in {self._data_dir} is in use: stop the Backline that runs on it, then try again."
                )
            cluster.destroy()
            forget_home(self._data_dir, cluster.home)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _leave(self, cluster: Cluster) -> None:
        if self._lease.give_back():
            cluster.shut_down()

    @contextmanager
    def _settled(self) -> Iterator[Cluster]:
        """The cluster, while no other process starts, stops or wipes it."""
        with explained(self._data_dir):
            self._data_dir.mkdir(parents=True, exist_ok=True)
            with guard(self._data_dir):
                home = find_home(self._data_dir)
                with guard(home) if home != self._data_dir else nullcontext():
                    yield self._cluster_in(home)

    def _cluster_in(self, home: Path) -> Cluster:
        if self._cluster is None or self._cluster.home != home:
            self._cluster = Cluster(home, bin_dir=self._bin_dir, fast=self._fast)
        return self._cluster


def _exit_on_sigterm() -> None:
    """SIGTERM's own default ends a process without atexit: the server would outlive its last holder."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
