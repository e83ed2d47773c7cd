"""Paths of the data and the sockets, and the user who owns them.

PostgreSQL refuses to run as root. Started by root it runs as an unprivileged user, which must be able to reach its
data and programs: what it may not reach is put under /var/lib/backline. The mode of other people's folders is never
changed.
"""

import hashlib
import logging
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from project.embedded_postgres.errors import EmbeddedPostgresError

SHARED = Path("/var/lib/backline")
_UNPRIVILEGED = ("postgres", "nobody")
# Not TMPDIR: the path may have 107 bytes at most, and every process has to find the same one.
_SOCKETS = Path("/tmp")  # noqa: S108

logger = logging.getLogger(__name__)


class SpawnOptions(TypedDict, total=False):
    """What subprocess needs to run a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class DatabaseUser:
    """Whom the server runs as: this process's user, or an unprivileged one when that is root."""

    uid: int
    gid: int
    name: str

    @property
    def spawn_options(self) -> SpawnOptions:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may(self, flag: str, path: Path) -> bool:
        """What `test -x path` says to this user."""
        command = ["test", flag, str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.spawn_options).returncode == 0  # noqa: S603

    def make_folder(self, path: Path) -> None:
        """An empty private folder of this user's."""
        path.mkdir(mode=0o700)
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)


def database_user(data: Path) -> DatabaseUser:
    """The owner of existing data, else the unprivileged user that fits."""
    if os.geteuid() != 0:
        return _known(os.geteuid(), os.getegid())
    with suppress(FileNotFoundError):
        owner = data.stat()
        if owner.st_uid != 0:
            return _known(owner.st_uid, owner.st_gid)
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return DatabaseUser(entry.pw_uid, entry.pw_gid, name)
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody. Start Backline as another user."
    )


def find_home(data_dir: Path) -> Path:
    """The folder that holds the database of `data_dir`: itself, unless the database's user cannot reach it."""
    note = _note(data_dir)
    home = Path(note.read_text().strip()) if note.exists() else _new_home(data_dir)
    if not home.exists():
        _make_shared_home(home)
    return home


def forget_home(data_dir: Path, home: Path) -> None:
    """After the data is gone: nothing of it is left elsewhere."""
    if home != data_dir:
        shutil.rmtree(home)
        _note(data_dir).unlink()


def socket_folder(data: Path, user: DatabaseUser) -> Path:
    """A short private folder, the same for every process that uses this data; nobody else can have made it."""
    at = data.stat()
    name = hashlib.sha256(f"{user.uid}:{at.st_dev}:{at.st_ino}".encode()).hexdigest()[:12]
    folder = _SOCKETS / f"backline-{name}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if user.uid != os.geteuid() and found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode):
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid or stat.S_IMODE(found.st_mode) != 0o700:
        raise EmbeddedPostgresError(
            f"{folder} is not a private folder of the user {user.name}. Remove it and start again."
        )
    return folder


def _new_home(data_dir: Path) -> Path:
    user = database_user(data_dir / "postgres")
    if user.may("-x", data_dir):
        return data_dir
    if (data_dir / "postgres").exists():
        raise EmbeddedPostgresError(
            f"The user {user.name}, as whom PostgreSQL runs, may not enter {data_dir}, where its data is. "
            "Move the folder to where that user may read it."
        )
    home = SHARED / secrets.token_hex(6)
    logger.warning("The user %s may not enter %s: the database is kept in %s.", user.name, data_dir, home)
    _make_shared_home(home)
    _note(data_dir).write_text(f"{home}\n")
    return home


def _make_shared_home(home: Path) -> None:
    home.mkdir(parents=True)
    # Ours, and reachable whatever root's umask was.
    home.parent.chmod(0o755)
    home.chmod(0o711)


def _note(data_dir: Path) -> Path:
    return data_dir / "postgres.location"


def _known(uid: int, gid: int) -> DatabaseUser:
    try:
        return DatabaseUser(uid, gid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return DatabaseUser(uid, gid, str(uid))
