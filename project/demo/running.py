"""Whether a demo runs here, and with which settings: a file in its data folder, locked for as long as it runs.

Read before the settings are: nothing here may ask for them.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from project.embedded_postgres.lease import Lease, is_leased

MARK = "running.json"
_lease = Lease()


def announce(folder: Path, settings: Mapping[str, str]) -> None:
    """From now on until this process ends, however it ends. The settings may hold a password: for its owner's eyes."""
    mark = folder / MARK
    with os.fdopen(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.truncate()
        json.dump(dict(settings), file)
    _lease.take(mark)
    _lease.keep_through_exec()


def running_demo(folder: Path) -> dict[str, str] | None:
    """The settings of the demo that runs on this folder; None when none does."""
    mark = folder / MARK
    try:
        if not is_leased(mark):
            return None
        settings: dict[str, str] = json.loads(mark.read_text())
    except (OSError, ValueError):
        return None
    return settings
