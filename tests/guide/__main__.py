"""Does every task of docs/managers.md at a fresh demo, and takes the pictures: `manage.py pictures`."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.guide.demo import fresh_demo, let_fans_order
from tests.guide.doing import do_all
from tests.guide.guide import ALBUM
from tests.journeys.chromium import BROWSER


def main(port: int) -> None:
    """`port` is where the demo listens meanwhile."""
    if BROWSER is None:
        raise SystemExit("chromium is not installed: the pictures are taken with it.")
    with fresh_demo(port) as site, TemporaryDirectory() as profile:
        let_fans_order(site)
        ALBUM.mkdir(parents=True, exist_ok=True)
        asyncio.run(do_all(site, profile=Path(profile), album=ALBUM, report=report))


def report(title: str) -> None:
    sys.stdout.write(f"{title}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
