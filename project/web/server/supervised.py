"""One web process as its supervisor sees it: begun, heard from, told to end."""

import socket
import subprocess
import time
from collections.abc import Sequence

import structlog

log = structlog.get_logger("web_server")

HUNG = 60
"""Seconds without a beat."""
OVERDUE = 30
"""Seconds that the end may take."""
YOUNG = 10
"""Seconds within which a death is taken for a failed start."""


class WebProcess:
    """The lifeline is a pair of sockets: its beats come out of ours, and ours closes with the supervisor's death."""

    def __init__(self, command: Sequence[str], listening: Sequence[socket.socket]) -> None:
        self._lifeline, theirs = socket.socketpair()
        self._lifeline.setblocking(False)
        inherited = [theirs.fileno(), *(each.fileno() for each in listening)]
        with theirs:
            self._popen = subprocess.Popen([*command, *map(str, inherited)], pass_fds=inherited)  # noqa: S603
        self.pid = self._popen.pid
        self.answers = False
        self._started = time.monotonic()
        self._silent = 0.0
        self._told_to_end = 0.0

    def fileno(self) -> int:
        return self._lifeline.fileno()

    @property
    def is_young(self) -> bool:
        return not self.answers or time.monotonic() < self._started + YOUNG

    def listen(self, seconds: float) -> None:
        """Takes in the beats of the `seconds` since it was last listened to."""
        try:
            heard = self._lifeline.recv(4096)
        except OSError:
            heard = b""
        self.answers = self.answers or bool(heard)
        self._silent = 0 if heard else self._silent + seconds

    def end(self) -> None:
        """Requests under way are answered first."""
        if not self._told_to_end:
            self._told_to_end = time.monotonic()
            self._popen.terminate()

    def is_over(self) -> bool:
        """Killed first, if it hangs or does not end."""
        if self._silent > HUNG and not self._told_to_end:
            self._kill("it hangs")
        if self._told_to_end and time.monotonic() > self._told_to_end + OVERDUE:
            self._kill("it does not end")
        if self._popen.poll() is None:
            return False
        self._lifeline.close()
        return True

    def _kill(self, reason: str) -> None:
        log.error("a web process is killed", pid=self.pid, reason=reason)
        self._popen.kill()
        self._popen.wait()
