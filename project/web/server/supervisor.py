"""Owns the listening sockets, and keeps web processes on them.

SIGTERM, SIGINT: requests under way are answered, then all end. SIGHUP: new processes are started beside the old ones,
which end once the new ones answer, and go on if those never do.
"""

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

import structlog

from project.settings import ROOT
from project.web.server.supervised import WebProcess

log = structlog.get_logger("web_server")

TICK = 0.2
STARTING = 60
"""Seconds that a process may take until it answers."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before the next start, when processes die young: doubled each time."""


def become_supervisor(command: Sequence[str], listening: Sequence[socket.socket], *, processes: int) -> NoReturn:
    """This process goes on as one, and gives back all that it has loaded until now."""
    for each in listening:
        each.set_inheritable(True)
    descriptors = ",".join(str(each.fileno()) for each in listening)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    arguments = [sys.executable, "-m", "project.web.server", str(processes), descriptors, *command]
    os.execve(sys.executable, arguments, {**os.environ, "PYTHONPATH": path})  # noqa: S606


class Supervisor:
    """`command` starts one process; the descriptors of its lifeline and of the sockets are added to it."""

    def __init__(self, command: Sequence[str], listening: Sequence[socket.socket], *, processes: int) -> None:
        self._command = command
        self._listening = listening
        self._number = processes
        self._serving: list[WebProcess] = []
        self._ending: list[WebProcess] = []
        self._should_end = self._should_renew = False
        self._has_terminal = _has_terminal()
        self._ticked = time.monotonic()
        self._pause = self._next_start = 0.0

    def run(self) -> int:
        """Until it is told to end. 1 when the first processes never come to answer."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_end)
        signal.signal(signal.SIGHUP, self._on_hangup)
        started = self._renew()
        while started and not self._should_end:
            if self._should_renew:
                self._renew()
            self._tick(self._serving)
            self._replace()
        self._end()
        return 0 if started else 1

    def _on_end(self, *_: object) -> None:
        self._should_end = True

    def _on_hangup(self, *_: object) -> None:
        """A terminal that is closed sends the same signal as who wants new processes."""
        if self._has_terminal and not _has_terminal():
            self._should_end = True
        else:
            self._should_renew = True

    def _renew(self) -> bool:
        """New processes take the place of the old ones; False when they do not come to answer."""
        self._should_renew = False
        fresh = [self._start() for _ in range(self._number)]
        if not self._all_answer(fresh):
            log.error("the new web processes do not answer", kept=[each.pid for each in self._serving])
            self._retire(fresh)
            return self._should_end
        self._retire(self._serving)
        self._serving = fresh
        log.info("web processes answer", pids=[each.pid for each in fresh])
        return True

    def _all_answer(self, fresh: Sequence[WebProcess]) -> bool:
        deadline = time.monotonic() + STARTING
        while not self._should_end and time.monotonic() < deadline:
            self._tick([*self._serving, *fresh])
            if all(each.answers for each in fresh):
                return True
            if any(each.is_over() for each in fresh):
                return False
        return False

    def _start(self) -> WebProcess:
        return WebProcess(self._command, self._listening)

    def _retire(self, processes: Sequence[WebProcess]) -> None:
        for each in processes:
            each.end()
        self._ending += processes

    def _tick(self, processes: Sequence[WebProcess]) -> None:
        """Waits until one is heard from, or for a moment. While all of us were stopped (Ctrl-Z) nobody was silent."""
        alive = [each for each in processes if not each.is_over()]
        select.select(alive, [], [], TICK)
        seconds = min(time.monotonic() - self._ticked, 5 * TICK)
        self._ticked = time.monotonic()
        for each in alive:
            each.listen(seconds)

    def _replace(self) -> None:
        self._ending = [each for each in self._ending if not each.is_over()]
        over = [each for each in self._serving if each.is_over()]
        for each in over:
            log.error("a web process died", pid=each.pid)
            self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE) if each.is_young else 0
            self._next_start = time.monotonic() + self._pause
        self._serving = [each for each in self._serving if each not in over]
        if time.monotonic() >= self._next_start:
            self._serving += [self._start() for _ in range(self._number - len(self._serving))]

    def _end(self) -> None:
        for each in self._listening:
            each.close()
        self._retire(self._serving)
        while self._ending:
            self._ending = [each for each in self._ending if not each.is_over()]
            time.sleep(TICK / 4)


def _has_terminal() -> bool:
    return sys.stdin is not None and os.isatty(sys.stdin.fileno())
