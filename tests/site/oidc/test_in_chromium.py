"""In a browser that keeps to the page's Content-Security-Policy and to SameSite."""

import json
from pathlib import Path

import pytest

from apps.core.db.database import Database
from project.settings import OidcProvider, settings
from tests.journeys.chromium import BROWSER, Tab, tab
from tests.journeys.customer import sql
from tests.site.oidc.real_provider import TITLE

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]
PRESS = """
const button = [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === {label});
if (!button) throw new Error(`No {label} in ${{document.body.innerText}}`);
button.click();
"""


async def press(page: Tab, label: str) -> None:
    await page.lead_on(PRESS.format(label=json.dumps(label)))


async def test_there_and_back_by_the_buttons(real: OidcProvider, db: Database, tmp_path: Path) -> None:
    async with tab(f"{settings.base_url}/account/sign-in", tmp_path) as page:
        await press(page, f"Continue with {TITLE}")
        assert (await page.run("return location.origin")) == real.origin
        await page.run("document.querySelector('[name=login]').value = 'fan'")
        await page.run("document.querySelector('[name=password]').value = 'any'")
        await press(page, "Sign-in")
        await press(page, "Continue")
        assert (await page.run("return location.href")) == f"{settings.base_url}/account"
        assert "Your orders" in await page.run("return document.body.innerText")
        await page.visit(f"{settings.base_url}/account/security")
        assert TITLE in await page.run("return document.querySelector('.devices').innerText")
        await press(page, "Sign out")
        await page.visit(f"{settings.base_url}/account/sign-in")
        await press(page, f"Continue with {TITLE}")
        assert (await page.run("return location.href")) == f"{settings.base_url}/account"
    assert await sql(db, "SELECT result FROM sign_in") == [("signed_in",), ("signed_in",)]
