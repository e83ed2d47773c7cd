"""Where tickets are sold elsewhere: kept by the import, shown to fans until they are on sale here."""

import json
from typing import Any

import httpx
import pytest

from apps.concerts.imports.bandsintown import read_concerts
from apps.concerts.imports.importing import import_concerts
from apps.core.db.database import Database
from apps.core.importing import Tally
from tests.concerts.test_import_concerts import event, rows
from tests.journeys.customer import sql
from tests.staff_api import STANDING, StaffApi, editable

pytestmark = pytest.mark.anyio

SHOP = "https://tickets.example.org/1?from=band"
PAGE = "https://www.bandsintown.com/e/1"
OFFERS = [
    {"url": SHOP, "type": "Tickets", "status": "available"},
    {"url": "http://vip.example.org/1", "type": "VIP", "status": "sold out"},
]
LINKS = [
    {"url": SHOP, "title": "", "sold_out": False},
    {"url": "http://vip.example.org/1", "title": "VIP", "sold_out": True},
    {"url": PAGE, "title": "Bandsintown", "sold_out": False},
]


async def load(db: Database, **fields: Any) -> Tally:
    reading = read_concerts(json.dumps([event(**fields)]).encode(), band="The Band")
    return await import_concerts(db, reading, time_zone="UTC")


async def kept(db: Database) -> Any:
    [(links,)] = await rows(db, "SELECT tickets_elsewhere FROM concert")
    return links


async def in_api(client: httpx.AsyncClient) -> Any:
    """What the list says, and the concert's own answer says the same."""
    [listed] = (await client.get("/api/v1/concerts")).json()["items"]
    shown = (await client.get(f"/api/v1/concerts/{listed['slug']}")).json()
    assert listed["tickets_elsewhere"] == shown["tickets_elsewhere"]
    return shown["tickets_elsewhere"]


async def pages(client: httpx.AsyncClient) -> list[str]:
    return [(await client.get(path)).text for path in ("/", "/concerts/2030-07-01-berlin-halle")]


class TestImport:
    async def test_keeps_offers_and_page(self, db: Database) -> None:
        assert (await load(db, offers=OFFERS, url=PAGE)).warnings == []
        assert await kept(db) == LINKS
        assert (await load(db, offers=OFFERS, url=PAGE)).unchanged == 1

    async def test_what_changed_there_is_changed_and_what_is_blank_is_kept(self, db: Database) -> None:
        await load(db, offers=OFFERS)
        assert (await load(db, offers=[])).unchanged == 1
        sold_out = [OFFERS[0] | {"status": "sold out"}]
        assert (await load(db, offers=sold_out)).changed == 1
        assert await kept(db) == [LINKS[0] | {"sold_out": True}]

    async def test_each_address_once(self, db: Database) -> None:
        await load(db, offers=[{"url": PAGE, "type": "Tickets"}, {"url": PAGE}], url=PAGE)
        assert await kept(db) == [{"url": PAGE, "title": "", "sold_out": False}]

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.org/",
            "//example.org/",
            "https://",
            "https://a b.example.org",
            "https://bank.example@evil.example/",
            "https://evil.example\\@bank.example/",
            "https://exa\nmple.org/",
            "https://example.org/" + "x" * 2000,
            7,
        ],
    )
    async def test_only_addresses_of_the_web(self, db: Database, url: Any) -> None:
        tally = await load(db, offers=[{"url": url, "type": "Tickets"}, OFFERS[0]])
        assert (tally.created, tally.bad, len(tally.warnings)) == (1, 0, 1)
        assert "; this ticket link was left out" in str(tally.warnings[0])
        assert await kept(db) == LINKS[:1]

    @pytest.mark.parametrize("offers", [None, 7, "x", {}, [None], [[]], [{}], [{"type": []}]])
    async def test_no_offers_whatever_stop_a_concert(self, db: Database, offers: Any) -> None:
        assert (await load(db, offers=offers)).created == 1
        assert await kept(db) == []


class TestFans:
    @pytest.fixture(autouse=True)
    async def concert(self, db: Database, client: httpx.AsyncClient) -> None:
        await load(db, offers=OFFERS, url=PAGE)

    async def test_are_sent_there(self, client: httpx.AsyncClient) -> None:
        assert await in_api(client) == LINKS
        home, page = await pages(client)
        link = f'<a href="{SHOP}" rel="noopener nofollow">'
        assert f"{link}Tickets elsewhere</a>" in home
        assert f"{link}Tickets</a>" in page
        assert "not on sale yet" not in page
        assert "http://vip.example.org/1" not in page

    async def test_not_once_tickets_are_on_sale_here(
        self, client: httpx.AsyncClient, staff_api: StaffApi, db: Database
    ) -> None:
        [(id,)] = await rows(db, "SELECT id FROM concert")
        await staff_api.add(f"/concerts/{id}/ticket-types", STANDING)
        assert await in_api(client) == LINKS
        await staff_api.do(f"/concerts/{id}", "put-on-sale")
        assert await in_api(client) == []
        assert not any(SHOP in page for page in await pages(client))
        await sql(db, "UPDATE offer SET sale_from = clock_timestamp() + interval '1 hour'")
        assert await in_api(client) == LINKS
        assert all(SHOP in page for page in await pages(client))

    @pytest.mark.parametrize(
        "change", ["state = 'cancelled'", "state = 'postponed'", "starts_at = now() - interval '1 hour'"]
    )
    async def test_not_to_what_does_not_take_place(self, client: httpx.AsyncClient, db: Database, change: str) -> None:
        slug = "2030-07-01-berlin-halle"
        await sql(db, f"UPDATE concert SET {change}")
        assert (await client.get(f"/api/v1/concerts/{slug}")).json()["tickets_elsewhere"] == []
        assert SHOP not in (await client.get(f"/concerts/{slug}")).text


class TestStaff:
    async def test_writes_them_too(self, client: httpx.AsyncClient, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        path = f"/concerts/{concert['id']}"
        changed = await staff_api.change(path, editable(concert, "title") | {"tickets_elsewhere": [{"url": SHOP}]})
        assert changed["tickets_elsewhere"] == LINKS[:1]
        assert (await staff_api.get(path))["tickets_elsewhere"] == LINKS[:1]
        await staff_api.do(path, "announce")
        assert await in_api(client) == LINKS[:1]

    async def test_writes_only_addresses_of_the_web(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        body = editable(concert, "title") | {"tickets_elsewhere": [{"url": "javascript:alert(1)"}]}
        refused = await staff_api.change(f"/concerts/{concert['id']}", body, status=422)
        assert [each["field"] for each in refused["errors"]] == ["tickets_elsewhere[0].url"]
