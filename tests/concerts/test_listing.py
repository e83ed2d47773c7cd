"""Concerts as fans find them: by time, tour, country, city, and near a place."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, ConcertState, Tour, Venue
from apps.core.db.database import Database
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
PLACES = {
    "Berlin": (52.52, 13.405),
    "Potsdam": (52.39, 13.06),
    "Paris": (48.8566, 2.3522),
    "Suva": (-18.14, 178.44),
    "Apia": (-13.83, -171.77),
    "Longyearbyen": (78.22, 15.65),
    "Utqiagvik": (71.29, -156.79),
}


async def add(session: AsyncSession, city: str, *, days: int, tour: Tour | None = None, country: str = "X") -> Concert:
    latitude, longitude = PLACES[city]
    place = {"city": city, "country": country, "latitude": latitude, "longitude": longitude, "time_zone": "UTC"}
    venue = Venue(name=f"hall {uuid7()}", **place)
    session.add(venue)
    await session.flush()
    concert = Concert(
        slug=f"c-{uuid7()}",
        title=city,
        venue_id=venue.id,
        tour_id=tour.id if tour else None,
        starts_at=datetime.now(UTC) + timedelta(days=days),
        state=ConcertState.announced,
    )
    session.add(concert)
    await session.flush()
    return concert


async def titles(client: httpx.AsyncClient, query: str) -> list[str]:
    return [each["title"] for each in (await page(client, query))["items"]]


async def page(client: httpx.AsyncClient, query: str, *, status: int = 200) -> dict:
    answer = await client.get(f"/api/v1/concerts?{query}")
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
async def everywhere(db: Database) -> None:
    async with db.begin() as session:
        for days, city in enumerate(PLACES, start=1):
            await add(session, city, days=days)


@pytest.mark.usefixtures("everywhere")
class TestNear:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("near=52.5,13.4", ["Berlin", "Potsdam"]),
            ("near=52.5,13.4&within_km=20", ["Berlin"]),
            ("near=52.5,13.4&within_km=900", ["Berlin", "Potsdam", "Paris"]),
            ("near=-17,-179.5&within_km=400", ["Suva"]),
            ("near=-17,179.5&within_km=1200", ["Suva", "Apia"]),
            ("near=89,100&within_km=2200", ["Longyearbyen", "Utqiagvik"]),
            ("near=90,0&within_km=1400", ["Longyearbyen"]),
            ("near=-90,0&within_km=1400", []),
            ("near=0,0&within_km=20100", list(PLACES)),
        ],
    )
    async def test_across_meridians_and_poles(self, client: httpx.AsyncClient, query: str, found: list[str]) -> None:
        assert await titles(client, query) == found

    async def test_the_distance_is_that_of_the_great_circle(self, client: httpx.AsyncClient) -> None:
        items = (await page(client, "near=52.52,13.405&within_km=900&sort=distance"))["items"]
        assert [(each["title"], each["distance_km"]) for each in items] == [
            ("Berlin", 0.0),
            ("Potsdam", 27.5),
            ("Paris", 877.5),
        ]
        assert {each["distance_km"] for each in (await page(client, ""))["items"]} == {None}

    async def test_the_nearest_first_a_page_at_a_time(self, client: httpx.AsyncClient) -> None:
        query, seen, after = "near=50,10&within_km=20100&sort=distance&limit=2", [], ""
        while after is not None:
            found = await page(client, f"{query}{after and f'&after={after}'}")
            seen += [each["title"] for each in found["items"]]
            after = found["next"]
        assert seen == await titles(client, "near=50,10&within_km=20100&sort=distance")
        assert sorted(seen) == sorted(PLACES)

    @pytest.mark.parametrize("near", ["91,0", "0,181", "0", "a,b", "1,2,3", "nan,0", "1e1,0", "52.5, 13.4"])
    async def test_a_place_that_is_none_is_refused_by_name(self, client: httpx.AsyncClient, near: str) -> None:
        problem = await page(client, f"near={near}", status=422)
        assert {each["field"] for each in problem["errors"]} == {"near"}

    @pytest.mark.parametrize("query", ["sort=distance", "within_km=5"])
    async def test_a_distance_needs_a_place(self, client: httpx.AsyncClient, query: str) -> None:
        assert [each["field"] for each in (await page(client, query, status=422))["errors"]] == ["near"]


class TestFilters:
    async def test_past_ones_come_latest_first(self, client: httpx.AsyncClient, db: Database) -> None:
        async with db.begin() as session:
            for city, days in {"Paris": -9, "Berlin": -1, "Suva": 3, "Apia": 1}.items():
                await add(session, city, days=days)
        assert await titles(client, "when=past") == ["Berlin", "Paris"]
        assert await titles(client, "") == ["Apia", "Suva"]

    async def test_by_tour_country_and_city(self, client: httpx.AsyncClient, db: Database) -> None:
        async with db.begin() as session:
            tour = Tour(slug="night", title="Night", translations={"ru": {"title": "Ночь"}})
            session.add(tour)
            await session.flush()
            await add(session, "Berlin", days=1, tour=tour, country="Österreich")
            await add(session, "Potsdam", days=2, country="Germany")
        assert await titles(client, "tour=night") == ["Berlin"]
        assert await titles(client, "tour=day") == []
        assert await titles(client, "country=osterreich") == ["Berlin"]
        assert await titles(client, "city=POTSDAM&country=germany") == ["Potsdam"]
        for name in ("DE", "германия", "Germany"):
            assert await titles(client, f"country={name}") == ["Potsdam"]
        (only,) = (await page(client, "tour=night&lang=ru"))["items"]
        assert only["tour"] == {"slug": "night", "title": "Ночь"}
        assert (await client.get("/api/v1/tours")).json()["items"] == [
            {"slug": "night", "title": "Night", "upcoming": 1}
        ]

    @pytest.mark.parametrize("typed", ["Germany", "GERMANY ", "de", "Германия"])
    async def test_a_country_is_called_as_its_reader_calls_it(
        self, client: httpx.AsyncClient, db: Database, typed: str
    ) -> None:
        async with db.begin() as session:
            await add(session, "Berlin", days=1, country=typed)
        for language, name in {"en": "Germany", "ru": "Германия"}.items():
            (only,) = (await page(client, f"lang={language}"))["items"]
            assert only["venue"]["country"] == name
            single = await client.get(f"/api/v1/concerts/{only['slug']}?lang={language}")
            assert single.json()["venue"]["country"] == name

    async def test_a_country_that_nobody_knows_is_shown_as_it_was_typed(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        async with db.begin() as session:
            await add(session, "Apia", days=1, country="Ruritania")
        (only,) = (await page(client, "lang=ru&country=ruritania"))["items"]
        assert only["venue"]["country"] == "Ruritania"

    async def test_a_place_in_one_list_is_none_in_another(self, client: httpx.AsyncClient, db: Database) -> None:
        async with db.begin() as session:
            for days in (1, 2):
                await add(session, "Berlin", days=days)
        after = (await page(client, "limit=1"))["next"]
        assert len((await page(client, f"limit=1&after={after}"))["items"]) == 1
        for query in ("when=past", "city=Berlin", "near=1,1"):
            problem = await page(client, f"{query}&after={after}", status=422)
            assert problem["type"] == "urn:backline:problem:bad-cursor"

    @pytest.mark.parametrize(
        ("state", "days", "shown"),
        [
            (ConcertState.on_sale, -1, "finished"),
            (ConcertState.announced, -1, "finished"),
            (ConcertState.postponed, -1, "postponed"),
            (ConcertState.cancelled, -1, "cancelled"),
            (ConcertState.on_sale, 1, "on_sale"),
        ],
    )
    async def test_what_took_place_is_finished(
        self, client: httpx.AsyncClient, db: Database, state: ConcertState, days: int, shown: str
    ) -> None:
        async with db.begin() as session:
            concert = await add(session, "Berlin", days=days)
            concert.state = state
        (listed,) = (await page(client, f"when={'past' if days < 0 else 'upcoming'}"))["items"]
        single = (await client.get(f"/api/v1/concerts/{concert.slug}")).json()
        assert (listed["state"], single["state"]) == (shown, shown)
        staff_api = StaffApi(client, await signed_in_as(db, "manager"))
        seen = [*(await staff_api.get("/concerts"))["items"], await staff_api.get(f"/concerts/{concert.id}")]
        assert [(each["state"], each["finished"]) for each in seen] == 2 * [(state, shown == "finished")]

    async def test_archived_ones_are_not_shown(self, client: httpx.AsyncClient, db: Database) -> None:
        async with db.begin() as session:
            concert = await add(session, "Berlin", days=1)
            concert.archived_at = datetime.now(UTC)
        assert await titles(client, "") == []
        assert (await client.get(f"/api/v1/concerts/{concert.slug}")).status_code == 404
