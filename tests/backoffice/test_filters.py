"""Beside each choice of a filter stands how many rows the list would show with it."""

import re

import pytest

from apps.core.db.database import Database
from apps.shop.models import Product
from tests.backoffice.browser import Clerk
from tests.factories import make_shirt

pytestmark = pytest.mark.anyio
LIST = "/admin/product/list"


@pytest.fixture
async def products(db: Database) -> list[Product]:
    """Two shirts that fans see, a draft of one, a mug, and a cap in the archive."""
    titles = {"Shirt": True, "Black shirt": True, "Green shirt": False, "Mug": True, "Cap": True}
    async with db.begin() as session:
        made = [(await make_shirt(session)).product for _title in titles]
        for product, (title, is_published) in zip(made, titles.items(), strict=True):
            product.title, product.published = title, is_published
        made[-1].archived_at = made[-1].created_at
    return made


async def choices(clerk: Clerk, query: str = "") -> list[str]:
    """Of the states and the archive, as they are read."""
    text = (await clerk.visit(f"{LIST}{query}")).text
    return re.findall(r"(?:Published|Draft|Archived) \((\d+)\)", text)


async def test_alone_it_counts_what_there_is(manager: Clerk, products: list[Product]) -> None:
    assert await choices(manager) == ["3", "1", "1"]


async def test_words_narrow_it(manager: Clerk, products: list[Product]) -> None:
    assert await choices(manager, "?q=shirt") == ["2", "1", "0"]


async def test_another_filter_narrows_it(manager: Clerk, products: list[Product]) -> None:
    assert await choices(manager, "?archived=yes") == ["1", "0", "1"]
    assert await choices(manager, "?added_from=2099-01-01") == ["0", "0", "0"]


async def test_its_own_choice_does_not(manager: Clerk, products: list[Product]) -> None:
    assert await choices(manager, "?state=draft") == ["3", "1", "0"]


async def test_beside_what_is_slow_to_count_nobody_counts(manager: Clerk, products: list[Product]) -> None:
    assert await choices(manager, "?stock=none") == []
