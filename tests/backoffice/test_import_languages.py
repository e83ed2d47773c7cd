"""What an import left out, and what it warns of, reads in the language of who looks, whoever handed the file over."""

import json

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.backoffice.test_imports import CONCERTS, bring_in, checked
from tests.concerts.test_import_concerts import event
from tests.journeys.customer import sql
from tests.shop.test_import_products import sheet, shirt, size

pytestmark = pytest.mark.anyio
LEFT_OUT, WARNINGS = "Пропущенные строки Строка файла Что", "Обратите внимание Строка файла Что"


@pytest.fixture
async def russian(clerk: SignIn) -> Clerk:
    return await clerk("manager", language="ru")


async def in_russian(somebody: Clerk, page: Page) -> str:
    return (await somebody.visit(f"{page.url}?lang=ru")).text


async def test_products(manager: Clerk, russian: Clerk, db: Database) -> None:
    bad = size("M", Variant_Price="cheap"), shirt(Handle="cap", Title="")
    page = await checked(manager, db, sheet(shirt(Variant_Inventory_Qty="-3"), *bad))
    assert "3 the price 'cheap' is not a number (a price is written 19.90)" in page.text
    text = await in_russian(russian, page)
    assert f"{LEFT_OUT} 3 цена «cheap» — не число (цену пишут так: 19.90)" in text
    assert "4 у товара «cap» нет названия; товар пропущен" in text
    assert f"{WARNINGS} 2 количество -3 принято за 0" in text


async def test_concerts(manager: Clerk, russian: Clerk, db: Database) -> None:
    events = [event(offers=[{"url": "javascript:x"}]), event(id="2", datetime="soon"), event(id="3", lineup=[7])]
    page = await checked(manager, db, json.dumps(events, indent=0).encode(), to=CONCERTS, name="events.json")
    assert "event 2: 'soon' is not a date" in page.text
    text = await in_russian(russian, page)
    assert "событие 2: «soon» — не дата" in text
    assert "событие 3: «name» — не текст" in text
    assert "событие 1: «javascript:x» — не URL; эта ссылка на билеты пропущена" in text


@pytest.mark.parametrize("url", ["\0", "\ud800"])
async def test_an_address_that_cannot_be_stored(manager: Clerk, russian: Clerk, db: Database, url: str) -> None:
    file = json.dumps([event(offers=[{"url": url}])]).encode()
    page = await checked(manager, db, file, to=CONCERTS, name="events.json")
    sentence = "URL содержит символ, который нельзя сохранить; эта ссылка на билеты пропущена"
    assert f"событие 1: {sentence}" in await in_russian(russian, page)


async def test_a_concert_that_is_left_alone(manager: Clerk, russian: Clerk, db: Database) -> None:
    file = json.dumps([event()]).encode()
    await checked(manager, db, file, to=CONCERTS, name="events.json")
    await bring_in(manager, db)
    await sql(db, "UPDATE concert SET state = 'postponed' RETURNING id")
    page = await checked(manager, db, file, to=CONCERTS, name="events.json")
    assert "'The Band in Berlin' was left alone: it is postponed here" in page.text
    assert "концерт «The Band in Berlin» не изменён: здесь он перенесён" in await in_russian(russian, page)


async def test_reports_of_the_past_are_shown_as_they_were_kept(manager: Clerk, russian: Clerk, db: Database) -> None:
    page = await checked(manager, db, sheet(shirt()))
    kept = json.dumps({"problems": [{"line": 7, "sentence": "the price is empty"}]})
    await sql(db, f"UPDATE file_import SET report = '{kept}' RETURNING id")
    assert f"{LEFT_OUT} 7 the price is empty" in await in_russian(russian, page)
