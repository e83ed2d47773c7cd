"""The server's process, as Linux shows it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

# Fast shutdown; then without a checkpoint; then by force: what was committed is replayed at the next start.
_SHUTDOWN = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


class ServerProcess:
    """The server on `data`, whether this process launched it or another one did."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._child: subprocess.Popen[bytes] | None = None

    def launched(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child

    @property
    def pid(self) -> int | None:
        """None when no server runs."""
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        return _recorded_pid(self._data)

    def take_failure(self) -> bool:
        """True once after the server that this process launched gave up; being killed is no failure."""
        child, self._child = self._child, None
        return child is not None and child.poll() not in (None, 0, -signal.SIGKILL)

    def stop(self) -> None:
        """Returns when it is gone."""
        for order, seconds in _SHUTDOWN:
            if (pid := self.pid) is None:
                return
            os.kill(pid, order)
            _wait(lambda: self.pid is None, seconds)


def _recorded_pid(data: Path) -> int | None:
    """The pid in postmaster.pid, if that process still is the server that wrote it.

    A dead process has no command line, a zombie an empty one, and a stranger with a reused pid another one.
    """
    try:
        pid, started_on = (data / "postmaster.pid").read_text().splitlines()[:2]
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return int(pid) if started_on.encode() in command.split(b"\0") else None


def _wait(finished: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not finished() and time.monotonic() < deadline:
        time.sleep(0.01)
