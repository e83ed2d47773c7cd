"""What pages are called, and what they tell once."""

import re

import pytest
from sqladmin.authorization import Action as Access

from apps.core.text.i18n import LOCALES
from project import registry
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.merch import add_shirt

pytestmark = pytest.mark.anyio


def names(page: Page) -> tuple[str, str]:
    """Of the window and of the page."""
    html = page.answer.text
    heading = re.search("<h1>(.*?)</h1>", html)
    return re.search("<title>(.*?) ·", html)[1], heading[1] if heading else ""


async def test_a_form_for_a_new_thing_says_so(admin: Clerk) -> None:
    for kind in registry.admin_views():
        if Access.CREATE in kind.permissions:
            for locale in LOCALES:
                told = kind.name_of_new.in_locale(locale)
                assert told != kind.name.in_locale(locale)
                page = await admin.visit(f"/admin/{kind.identity}/create?lang={locale}")
                assert names(page) == (told, told)


async def test_a_form_of_a_thing_has_its_name(manager: Clerk) -> None:
    await add_shirt(manager)
    assert names(await manager.follow("Edit")) == ("Wake shirt", "Wake shirt")


async def test_what_was_done_is_told_once(manager: Clerk) -> None:
    await add_shirt(manager)
    page = manager.page
    assert "Saved." in page.text
    assert "Saved." not in (await manager.visit(page.url)).text
    await manager.follow("Publish")
    page = await manager.press("Publish")
    assert "Published." in page.text
    assert "Published." not in (await manager.visit(page.url)).text


async def test_what_was_done_is_told_where_it_led_to_alone(manager: Clerk) -> None:
    await manager.visit("/admin/product/create")
    form, _button = manager.page.form_with("Save")
    sent = await manager.client.post(form.action, data={**dict(form.fields), "title": "Cap"})
    assert sent.status_code == 303  # and not gone where it leads
    assert "Saved." not in (await manager.visit("/admin/category/list")).text
    assert "Saved." not in (await manager.visit("/admin/product/list")).text
