"""What went wrong, in one sentence that says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedPostgresError(RuntimeError):
    """The embedded database cannot do what was asked; the message is one sentence for people."""


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns the operating system's errors while working on `folder` into an EmbeddedPostgresError."""
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(_sentence(error, folder)) from error


def reason(output: str, folder: Path) -> str:
    """The one line of a PostgreSQL program's `output` that says why it failed."""
    if "No space left on device" in output:
        return _full(folder)
    lines = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "error:"))]
    return (telling or lines or ["it said nothing"])[-1].strip()


def _sentence(error: OSError, folder: Path) -> str:
    where = error.filename or folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The embedded database may not use {where}: {error.strerror}. "
            "Run as the user who owns it, or choose another data folder."
        )
    return f"The embedded database failed at {where}: {error.strerror or error}."


def _full(folder: Path) -> str:
    return f"There is no space left on the disk that holds {folder}. Free some and start again."
