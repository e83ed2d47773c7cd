"""docs/managers.md: what it names is there, what it shows is there, and what it tells can be done."""

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from apps.core.db.database import Database
from apps.core.text.i18n import merged
from project.demo.load import load_demo
from project.demo.people import load_people
from project.demo.sales import sell_demo_tickets
from project.settings import Environment, settings
from tests.guide.demo import let_fans_order
from tests.guide.doing import do_all
from tests.guide.guide import ALBUM, GUIDE, WORDS, tasks
from tests.journeys.chromium import BROWSER
from tests.journeys.conftest import server, worker

__all__ = ["server", "worker"]
pytestmark = pytest.mark.anyio
MOST_BYTES = 2_500_000
LINK = re.compile(r"\]\(#([\w-]+)\)")


def sentences() -> set[str]:
    """All that the site and the back office say; each has its Russian, another test sees to that."""
    return {str(message.id) for message in merged("ru")}


def test_every_word_in_bold_is_on_a_screen() -> None:
    words = set(WORDS.findall(GUIDE.read_text()))
    assert len(words) > 50
    assert words - sentences() == set()


def test_the_pictures_are_those_of_the_tasks_and_small() -> None:
    named = [name for task in tasks() for name in task.pictures]
    assert len(named) >= len(tasks()) > 10
    files = list(ALBUM.iterdir())
    assert sorted(file.name for file in files) == sorted(f"{name}.webp" for name in named)
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


def test_links_lead_to_every_task() -> None:
    places = {re.sub(r"[^a-z -]", "", task.title.lower()).replace(" ", "-") for task in tasks()}
    assert set(LINK.findall(GUIDE.read_text())) == places


@pytest.fixture
async def band(db: Database) -> None:
    """The demo's, with its staff, in the database of this test."""
    await load_demo(db, report=lambda line: None)
    await sell_demo_tickets(db)
    await load_people(db, of=msgspec.structs.replace(settings, environment=Environment.demo, database_url=""))


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
async def test_every_task_can_be_done(band: None, server: None, worker: None, tmp_path: Path) -> None:
    await asyncio.to_thread(let_fans_order, settings.base_url)
    await do_all(settings.base_url, profile=tmp_path, album=None, report=lambda title: None)
