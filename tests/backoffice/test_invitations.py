"""A new colleague is mailed a link, and sets a password with it: once, and not for ever."""

import re
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import client_of
from tests.journeys.customer import sql
from tests.letters import newest_letter, text_of

pytestmark = pytest.mark.anyio
ANN = f"ann-{uuid4()}@example.org"
"""Of this run alone: the folder of mails is shared."""
PASSWORD = "eight herons at low tide"
LINK = re.compile(r"https?://\S+/admin/invitation\?\S+")


async def add(admin: Clerk, db: Database, **facts: Any) -> EmailMessage:
    await admin.visit("/admin/user/create")
    await admin.press("Save", ticked=("manager",), email=ANN, name="Ann", **facts)
    return await newest_letter(db)


def link_in(mail: EmailMessage) -> str:
    address = urlsplit(LINK.search(text_of(mail))[0])
    return f"{address.path}?{address.query}"


async def set_password(link: str, password: str = PASSWORD, *, status: int = 200) -> Page:
    async with client_of() as browser:
        stranger = Clerk(browser)
        await stranger.visit(link)
        return await stranger.press("Set your password", status=status, password=password)


async def test_a_colleague_is_invited_and_signs_in(admin: Clerk, db: Database) -> None:
    link = link_in(await add(admin, db))
    page = await set_password(link)
    assert "Your password is set." in page.text
    async with client_of() as browser:
        ann = Clerk(browser)
        await ann.sign_in(ANN, PASSWORD)
        assert "Overview" in (await ann.visit("/admin/")).text
    assert "Password set by a link in an email Ann" in (await admin.visit(admin.page.url)).text


async def test_the_mail_and_its_page_speak_their_language(admin: Clerk, db: Database) -> None:
    mail = await add(admin, db, locale="ru")
    assert "Задайте пароль" in mail.get_body(("plain",)).get_content()
    async with client_of() as browser:
        assert "Новый пароль" in (await Clerk(browser).visit(link_in(mail))).text


async def test_the_link_works_once(admin: Clerk, db: Database) -> None:
    link = link_in(await add(admin, db))
    await set_password(link)
    async with client_of() as browser:
        page = await Clerk(browser).visit(link, status=410)
    assert "has been used, or is too old" in page.text
    assert [form for form in page.forms if "invitation" in form.action] == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE password_link SET expires_at = now()",
        "UPDATE users SET disabled_at = now() WHERE name = 'Ann'",
        "DELETE FROM password_link",
    ],
)
async def test_what_is_over_by_the_time_it_is_sent_sets_nothing(meanwhile: str, admin: Clerk, db: Database) -> None:
    link = link_in(await add(admin, db))
    async with client_of() as browser:
        stranger = Clerk(browser)
        await stranger.visit(link)
        await sql(db, meanwhile)
        await stranger.press("Set your password", status=410, password=PASSWORD)
    assert await sql(db, "SELECT 1 FROM credential JOIN users ON users.id = user_id WHERE users.name = 'Ann'") == []


async def test_a_weak_password_is_told_and_the_link_still_works(admin: Clerk, db: Database) -> None:
    link = link_in(await add(admin, db))
    assert "too easy" in (await set_password(link, "aaaaaaaaaaaa", status=422)).text
    assert "made of your name" in (await set_password(link, "Ann-2026!", status=422)).text
    assert "at least 8 characters" in (await set_password(link, "gull#7x", status=422)).text
    assert "at most 128 characters" in (await set_password(link, "gulls over" * 13, status=422)).text
    assert "at most 512 characters" in (await set_password(link, "gulls over" * 100_000, status=422)).text
    await set_password(link)


async def test_another_link_ends_the_first_and_another_address_ends_all(admin: Clerk, db: Database) -> None:
    first = link_in(await add(admin, db))
    await admin.follow("Send password link")
    await admin.press("Send password link")
    second = link_in(await newest_letter(db))
    assert second != first
    async with client_of() as browser:
        stranger = Clerk(browser)
        await stranger.visit(first, status=410)
        await stranger.visit(second)
        await admin.follow("Edit")
        await admin.press("Save", email="other@example.org")
        await stranger.visit(second, status=410)


async def test_nothing_in_the_database_is_the_link(admin: Clerk, db: Database) -> None:
    mail = await add(admin, db)
    token = link_in(mail).partition("token=")[2].partition("&")[0]
    kept = await sql(
        db,
        "SELECT row_to_json(password_link)::text FROM password_link UNION ALL SELECT row_to_json(mail)::text FROM mail "
        "UNION ALL SELECT row_to_json(audit_entry)::text FROM audit_entry",
    )
    assert len(kept) > 2
    assert not [row for row in kept if token in row[0]]


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 5000])
async def test_made_up_links_open_nothing(token: str, server: None) -> None:
    async with client_of() as browser:
        answer: httpx.Response = await browser.get(f"/admin/invitation?token={token}")
        assert answer.status_code == 410
        assert answer.headers["referrer-policy"] == "no-referrer"
