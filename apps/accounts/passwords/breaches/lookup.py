"""The list that is in use: the newest that was imported, which running processes notice by themselves."""

from dataclasses import dataclass

from apps.accounts.passwords.breaches.list_file import BreachedPasswords, DamagedList
from project.settings import settings

__all__ = ["LIST", "BreachedPasswords", "DamagedList", "breached_passwords", "list_problems"]
LIST = settings.data_dir / "breached-passwords"


@dataclass(frozen=True)
class Opened:
    """`version` changes with each import."""

    version: tuple[int, int, int]
    passwords: BreachedPasswords


_opened: Opened | None = None


def breached_passwords() -> BreachedPasswords | None:
    """None while no list has been imported. Raises DamagedList."""
    global _opened
    try:
        found = LIST.stat()
        version = (found.st_ino, found.st_mtime_ns, found.st_size)
        opened = _opened
        if opened is None or opened.version != version:
            _opened = opened = Opened(version, BreachedPasswords.open(LIST))
    except FileNotFoundError:
        _opened = None
        return None
    except OSError as error:
        raise DamagedList(f"it cannot be read ({error.strerror})") from error
    return opened.passwords


def list_problems() -> list[str]:
    """What keeps the list from being used, as a sentence; nothing when there is none."""
    try:
        breached_passwords()
    except DamagedList as error:
        return [
            f"{LIST} cannot be used: {error}. "
            "Import the list of breached passwords again (manage.py passwords import), or delete the file."
        ]
    return []
