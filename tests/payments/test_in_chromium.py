"""In a browser, which follows a form to where the page's policy lets it: to the provider's page and back."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from apps.payments.providers import provider_named
from project.web.security_headers import headers_of
from tests.journeys.chromium import BROWSER, Tab, tab
from tests.payments.faults.conftest import new_sale, sale, shop
from tests.payments.faults.sale import Sale
from tests.payments.test_stripe import stand_in

__all__ = ["new_sale", "sale", "shop", "stand_in"]
pytestmark = [pytest.mark.anyio, pytest.mark.skipif(BROWSER is None, reason="there is no chromium")]
PRESS = "document.querySelector('button[value=stripe]').click()"
WHERE = "return location.pathname + ' ' + document.querySelector('h1').textContent"


async def pay(sale: Sale, page: Tab) -> None:
    assert (await page.run(WHERE)).startswith("/pay/cs_test_")
    await page.lead_on("document.querySelector('button').click()")
    assert await page.run(WHERE) == f"/orders/{sale.order['number']} Order {sale.order['number']}"
    assert "Paid. Thank you!" in await page.run("return document.body.textContent")
    await sale.hear()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def led_on_to_stripe(page: Tab) -> None:
    """By the page itself, in whose middle nothing can be asked of it."""
    for _ in range(100):
        with suppress(AssertionError):
            if (await page.run("return location.pathname + document.readyState")).startswith("/pay/cs_test_"):
                return
        await asyncio.sleep(0.05)


async def test_to_stripe_and_back(sale: Sale, tmp_path: Path) -> None:
    async with tab(sale.order["url"], tmp_path) as page:
        await page.lead_on(PRESS)
        await pay(sale, page)


async def test_who_leaves_stripe_is_back_at_the_order(sale: Sale, tmp_path: Path) -> None:
    async with tab(sale.order["url"], tmp_path) as page:
        await page.lead_on(PRESS)
        await page.lead_on("document.querySelector('a').click()")
        assert "Not paid yet" in await page.run("return document.body.textContent")


async def test_where_the_page_is_known_only_when_it_is_made_a_page_of_ours_leads_there(
    sale: Sale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = provider_named("stripe")
    monkeypatch.setattr(provider, "capabilities", replace(provider.capabilities, page_origins=()))
    headers_of.cache_clear()
    async with tab(sale.order["url"], tmp_path) as page:
        await page.lead_on(PRESS)
        await led_on_to_stripe(page)
        await pay(sale, page)
    headers_of.cache_clear()
