"""Until it is known whether the fan has paid, an order's page only says that it is being checked."""

import asyncio
import re
from collections.abc import Callable

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.payments.demo.provider import DemoProvider
from apps.payments.providers import ProviderDown, Report, registered
from apps.payments.providers.http import ProviderHttp
from project.settings import settings
from tests.journeys.customer import sql
from tests.site.browser import Fan, Page
from tests.site.test_buying import again, ordered

pytestmark = pytest.mark.anyio
Silence = Callable[[], None]


class Silent(DemoProvider):
    """Takes money, and does not answer when it is asked about it."""

    async def fetch(self, reference: str) -> Report:
        raise ProviderDown(reason="test")


class Slow(DemoProvider):
    async def fetch(self, reference: str) -> Report:
        await asyncio.sleep(60)
        raise AssertionError


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Callable[[DemoProvider], None]:
    return lambda other: monkeypatch.setitem(registered._PROVIDERS, "demo", other)


def is_checking(page: Page) -> bool:
    """And nothing else: neither how it went before nor what could be done."""
    buttons = [label for form in page.forms for label, _name, _value in form.buttons]
    title = page.title.startswith("Checking your payment")
    return title and "Checking your payment" in page.text and buttons == [] and "did not go through" not in page.text


async def pay_silently(fan: Fan, provider: Callable[[DemoProvider], None]) -> Page:
    await fan.press("Pay")
    provider(Silent(ProviderHttp(settings.base_url)))
    return await fan.press("Pay")


async def test_after_a_first_try(fan: Fan, db: Database, provider: Callable[[DemoProvider], None]) -> None:
    await ordered(fan, db)
    page = await pay_silently(fan, provider)
    assert is_checking(page)
    assert again(page).endswith("&looked=1")
    assert page.tag("news")["role"] == "status"
    assert is_checking(await fan.follow("Look again"))
    await drain(db)
    assert "Paid. Thank you!" in (await fan.follow("Look again")).text


async def test_after_a_second_try(fan: Fan, db: Database, provider: Callable[[DemoProvider], None]) -> None:
    await ordered(fan, db)
    await fan.press("Pay")
    await fan.press("Let the card fail")
    await drain(db)
    failed = await fan.follow("Walk away without paying")
    assert "The payment did not go through" in failed.text
    assert "The bank declined the card. Nothing was charged." in failed.text
    assert is_checking(await pay_silently(fan, provider))
    await drain(db)
    assert "Paid. Thank you!" in (await fan.follow("Look again")).text


async def test_a_provider_that_hangs_is_not_waited_for(
    fan: Fan, db: Database, provider: Callable[[DemoProvider], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.checkout.paying.pay.LONGEST_LOOK", 0.01)
    await ordered(fan, db)
    await fan.press("Pay")
    provider(Slow(ProviderHttp(settings.base_url)))
    assert is_checking(await fan.press("Pay"))


async def test_who_walked_away_is_told_so_at_once(fan: Fan, db: Database) -> None:
    await ordered(fan, db)
    await fan.press("Pay")
    page = await fan.follow("Walk away without paying")
    assert "Not paid yet" in page.text
    assert re.search(r"Time left to pay: \d+ minutes", page.text)
    assert ("span", {"class": "until", "hidden": ""}) in page.tags, "the clocks of UTC tell nobody anything"
    assert again(page) == ""


async def test_what_is_paid_is_known_without_a_webhook(fan: Fan, db: Database) -> None:
    await ordered(fan, db)
    await fan.press("Pay")
    assert "Paid. Thank you!" in (await fan.press("Pay")).text
    assert await sql(db, "SELECT * FROM webhook_event") == []
