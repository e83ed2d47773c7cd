"""Every task of the guide, done in its order by one manager."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.guide import concerts, merch, orders, people
from tests.guide.guide import Task, tasks
from tests.guide.manager import HEIGHT, WIDTH, Manager
from tests.journeys.chromium import PATIENCE, tab

HOW = {name: do for part in (people, merch, concerts, orders) for name, do in part.TASKS.items()}


async def do_all(site: str, *, profile: Path, album: Path | None, report: Callable[[str], None]) -> None:
    """At a demo. Pictures go into `album`, if there is one; each title is reported before its task is done."""
    async with tab(site, profile) as page:
        await page.resize(WIDTH, HEIGHT)
        manager = Manager(page, site=site, album=album)
        for task in tasks():
            report(task.title)
            await _do(task, manager)


async def _do(task: Task, manager: Manager) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await HOW[task.name](manager)
        _refuse_untrue(task, manager.words_read())
    except Exception as error:
        error.add_note(f"This was “{task.title}”.")
        raise


def _refuse_untrue(task: Task, read: str) -> None:
    """Nothing stands in the guide that was not to be seen while it was done."""
    unseen = sorted(words for words in task.words if words not in read)
    assert not unseen, f"Nowhere on the screen stood {', '.join(unseen)}."
