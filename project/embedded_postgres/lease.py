"""Locks that the kernel frees when their process dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def guard(folder: Path) -> Iterator[None]:
    """One process at a time may be inside, for this folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Lease:
    """This process's share in something; take and give it back inside a guard.

    A forked child inherits the descriptor but not the share: it takes its own.
    """

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._process = 0

    @property
    def held(self) -> bool:
        return self._descriptor is not None and self._process == os.getpid()

    def take(self, path: Path) -> None:
        """Share in `path` from now on; nothing happens when this process already does."""
        if self.held:
            return
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._process = _opened(path), os.getpid()
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def keep_through_exec(self) -> None:
        """When this process becomes another program, its share stays until that ends."""
        if self._descriptor is not None:
            os.set_inheritable(self._descriptor, True)

    def give_back(self) -> bool:
        """True when nobody else has a share."""
        if not self.held or self._descriptor is None:
            return False
        try:
            return _alone(self._descriptor)
        finally:
            # Unlocked by word, not only closed: a forked child's copy would keep the share.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None


def nobody_shares(path: Path) -> bool:
    """True when no process, this one included, holds a lease on `path`."""
    descriptor = _opened(path)
    try:
        return _alone(descriptor)
    finally:
        os.close(descriptor)


def is_leased(path: Path) -> bool:
    """True when a process holds a lease on `path`; looks without making it. Raises FileNotFoundError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return not _alone(descriptor)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
