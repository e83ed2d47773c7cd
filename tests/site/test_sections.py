"""Rooms of pages bring their own parts of the pages that all share, and those have one order."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import func, update

from apps.concerts.models import Concert
from apps.core.db.database import Database
from apps.site.sections import all_links, all_sections
from project.settings import ROOT
from tests.site.browser import Fan
from tests.site.test_buying import sell

BROUGHT = """
import asyncio

from apps.core.text.i18n import lazy
from apps.core.text.templates import render
from apps.site.sections import all_links, all_sections
from project import registry

links, sections = all_links(), all_sections()
found = asyncio.run(sections[2].find(None, "en"))
page = {"sections": [(sections[2].template, found)], "links": links, "languages": {}}
print(*(each.path for each in links))
print(*(each.template for each in sections))
print([each.path for each in registry.controllers()].count("/films"))
print(lazy("Films").in_locale("ru"))
print(render("site/front_page/front_page.html", "en", page))
"""


def test_the_head_and_the_front_page_have_an_order() -> None:
    assert [each.path for each in all_links()] == ["/concerts", "/shop"]
    assert [each.template for each in all_sections()] == [
        "site/concerts/_to_come.html",
        "site/shop/_products.html",
        "site/concerts/_past.html",
    ]


def test_a_room_of_somebody_elses_is_found_with_all_it_brings() -> None:
    told = subprocess.run(
        [sys.executable, "-c", BROUGHT],
        cwd=ROOT,
        env={**os.environ, "EXTRA_APPS": "tests.site.films"},
        capture_output=True,
        text=True,
        check=True,
    )
    links, sections, controllers, russian, page = told.stdout.split("\n", 4)
    assert links == "/concerts /films /shop"
    assert sections.split()[2] == "site/films/_films.html"
    assert controllers == "1"
    assert russian == "Фильмы"
    assert '<a href="/films">Films</a>' in page
    assert "<section><h3>Night on the quay</h3></section>" in page


@pytest.mark.anyio
async def test_a_section_with_nothing_in_it_is_not_shown(fan: Fan, db: Database) -> None:
    await sell(db)
    assert "Past concerts" not in (await fan.visit("/")).text
    async with db.begin() as session:
        await session.execute(update(Concert).values(starts_at=func.now()))
    assert "Past concerts" in (await fan.visit("/")).text
