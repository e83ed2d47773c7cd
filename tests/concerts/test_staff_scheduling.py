"""Venues, tours and concerts as staff write them down."""

import asyncio

import httpx
import pytest

from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.staff import signed_in_as
from tests.staff_api import BERLIN, STANDING, StaffApi, editable

pytestmark = pytest.mark.anyio


async def reschedule(staff_api: StaffApi, path: str, starts_at: str) -> dict:
    version = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"]}
    return (await staff_api.ask("POST", f"{path}/reschedule", json={"starts_at": starts_at}, headers=version)).json()


class TestVenues:
    async def test_a_venue_gets_the_time_zone_of_its_place(self, staff_api: StaffApi) -> None:
        answer = await staff_api.ask("POST", "/venues", status=201, json=BERLIN)
        assert answer.json()["time_zone"] == "Europe/Berlin"
        assert answer.headers["location"] == f"/api/v1/staff/venues/{answer.json()['id']}"
        assert (await staff_api.get(f"/venues/{answer.json()['id']}")) == answer.json()

    async def test_without_coordinates_the_bands_own_zone_counts(self, staff_api: StaffApi) -> None:
        assert (await staff_api.add("/venues", {"name": "Club", "city": "Oslo"}))["time_zone"] == "UTC"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"time_zone": "Mars/Base"}, "time_zone"),
            ({"time_zone": "localtime"}, "time_zone"),
            ({"time_zone": "posixrules"}, "time_zone"),
            ({"time_zone": "Factory"}, "time_zone"),
            ({"coordinates": {"latitude": 91, "longitude": 0}}, "coordinates.latitude"),
            ({"name": ""}, "name"),
        ],
    )
    async def test_what_is_wrong_is_named(self, staff_api: StaffApi, change: dict, field: str) -> None:
        problem = await staff_api.add("/venues", {**BERLIN, **change}, status=422)
        assert [each["field"] for each in problem["errors"]] == [field]

    async def test_there_is_one_of_a_name_in_a_place(self, staff_api: StaffApi) -> None:
        await staff_api.add("/venues", BERLIN)
        problem = await staff_api.add("/venues", BERLIN, status=409)
        assert problem["type"] == "urn:backline:problem:venue-exists"

    async def test_one_with_concerts_to_come_cannot_be_archived(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        venue = f"/venues/{concert['venue']}"
        assert (await staff_api.do(venue, "archive", status=409))["type"].endswith("venue-in-use")
        await staff_api.do(f"/concerts/{concert['id']}", "cancel")
        assert (await staff_api.do(venue, "archive"))["archived_at"]
        assert (await staff_api.do(venue, "restore"))["archived_at"] is None

    async def test_places_follow_a_new_name_of_the_venue_and_a_new_date_at_once(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        path = f"/concerts/{concert['id']}"
        pool = await staff_api.add("/pools", {"name": "2099-05-21 Berlin Hall of Live", "capacity": 5})
        await staff_api.add(f"{path}/ticket-types", STANDING | {"allocation": {pool["id"]: 1}})
        version = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"]}
        date = {"starts_at": "2099-06-21T18:00:00Z"}
        await asyncio.gather(
            staff_api.ask("POST", f"{path}/reschedule", json=date, headers=version),
            staff_api.change(f"/venues/{concert['venue']}", BERLIN | {"name": "Club"}),
        )
        assert (await staff_api.get(f"/pools/{pool['id']}"))["name"] == "2099-06-21 Berlin Club"

    async def test_lists_are_paged_searched_and_leave_out_the_archive(self, staff_api: StaffApi) -> None:
        for name in ("Loft", "Arena", "Café Zürich"):
            await staff_api.add("/venues", {"name": name, "city": "Bern"})
        first = await staff_api.get("/venues?limit=2")
        second = await staff_api.get(f"/venues?limit=2&after={first['next']}")
        names = [each["name"] for each in first["items"] + second["items"]]
        assert (names, second["next"]) == (["Arena", "Café Zürich", "Loft"], None)
        assert [each["name"] for each in (await staff_api.get("/venues?q=ZURI"))["items"]] == ["Café Zürich"]
        assert (await staff_api.get("/venues?archived=true"))["items"] == []
        await staff_api.get(f"/venues?q=a&after={first['next']}", status=422)


class TestTours:
    async def test_a_tour_is_shown_to_fans_in_their_language(
        self, staff_api: StaffApi, client: httpx.AsyncClient
    ) -> None:
        body = {"title": "Night Crossing", "translations": {"ru": {"title": "Ночной рейс"}}}
        tour = await staff_api.add("/tours", body)
        await staff_api.concert(tour=tour["id"])
        path = f"/api/v1/tours/{tour['slug']}"
        shown = (await client.get(path)).json()
        assert shown == {"slug": "night-crossing", "title": "Night Crossing", "upcoming": 0, "description": ""}
        russian = (await client.get(path, headers={"Accept-Language": "ru"})).json()
        assert russian["title"] == "Ночной рейс"

    async def test_a_slug_belongs_to_one(self, staff_api: StaffApi) -> None:
        tour = await staff_api.add("/tours", {"title": "Night Crossing"})
        problem = await staff_api.add("/tours", {"title": "Another", "slug": tour["slug"]}, status=409)
        assert problem["type"] == "urn:backline:problem:slug-taken"

    async def test_a_slug_that_is_made_up_is_numbered(self, staff_api: StaffApi) -> None:
        titles = ["Night Crossing", "Night crossing!", "night crossing"]
        tours = await asyncio.gather(*(staff_api.add("/tours", {"title": title}) for title in titles))
        slugs = {tour["slug"] for tour in tours}
        assert slugs == {"night-crossing", "night-crossing-2", "night-crossing-3"}
        changed = await staff_api.change(f"/tours/{tours[1]['id']}", {"title": "Night Crossing"})
        assert changed["slug"] == tours[1]["slug"]

    async def test_an_archived_tour_is_gone_for_fans_and_cannot_be_changed(
        self, staff_api: StaffApi, client: httpx.AsyncClient
    ) -> None:
        tour = await staff_api.add("/tours", {"title": "Night Crossing"})
        path = f"/tours/{tour['id']}"
        await staff_api.do(path, "archive")
        assert (await client.get("/api/v1/tours/night-crossing")).status_code == 404
        assert (await client.get("/api/v1/tours")).json()["items"] == []
        await staff_api.change(path, editable(tour, "title"), status=409)
        await staff_api.do(path, "restore")
        assert (await staff_api.change(path, {"title": "Day Crossing"}))["slug"] == "night-crossing"


class TestConcerts:
    async def test_a_new_concert_is_a_draft_that_fans_do_not_see(
        self, staff_api: StaffApi, client: httpx.AsyncClient
    ) -> None:
        concert = await staff_api.concert()
        assert (concert["state"], concert["slug"]) == ("draft", "2099-05-21-berlin-hall-of-live")
        assert (await client.get(f"/api/v1/concerts/{concert['slug']}")).status_code == 404
        assert (await client.get("/api/v1/concerts")).json()["items"] == []

    async def test_an_address_may_be_in_any_script(self, staff_api: StaffApi, client: httpx.AsyncClient) -> None:
        concert = await staff_api.concert(title="Живьём")
        assert concert["slug"] == "2099-05-21-berlin-hall-of-живьём"
        path = f"/concerts/{concert['id']}"
        await staff_api.change(path, editable(concert) | {"title": "Live"})
        await staff_api.do(path, "announce")
        assert (await client.get(f"/api/v1/concerts/{concert['slug']}")).json()["title"] == "Live"
        for slug in ("Upper", "two--hyphens", "-", "a b", "a/b"):
            await staff_api.change(path, editable(concert) | {"title": "Live", "slug": slug}, status=422)

    async def test_what_it_refers_to_must_be_there(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        nothing = concert["id"]
        for fields in (["venue"], ["tour"], ["venue", "tour"]):
            body = editable(concert, "title") | dict.fromkeys(fields, nothing) | {"slug": None}
            problem = await staff_api.add("/concerts", body, status=422)
            assert [each["field"] for each in problem["errors"]] == fields

    async def test_an_impossible_date_is_refused(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2027-05-21T18:00:00"):
            body = editable(concert, "title") | {"starts_at": moment, "slug": None}
            problem = await staff_api.add("/concerts", body, status=422)
            assert [each["field"] for each in problem["errors"]] == ["starts_at"]

    async def test_two_on_one_day_in_one_place_have_pages_of_their_own(self, staff_api: StaffApi) -> None:
        evening = await staff_api.concert()
        body = editable(evening, "title") | {"slug": None, "starts_at": "2099-05-21T14:00:00Z"}
        afternoon = await staff_api.add("/concerts", body)
        assert afternoon["slug"] == f"{evening['slug']}-2"
        await staff_api.add("/concerts", body | {"slug": evening["slug"]}, status=409)

    async def test_a_concert_that_moves_gets_an_address_of_its_new_day(
        self, staff_api: StaffApi, client: httpx.AsyncClient
    ) -> None:
        concert = await staff_api.concert()
        path, old = f"/concerts/{concert['id']}", concert["slug"]
        await staff_api.do(path, "announce")
        moved = await reschedule(staff_api, path, "2099-06-21T18:00:00Z")
        assert moved["slug"] == "2099-06-21-berlin-hall-of-live"
        found = [(await client.get(f"/api/v1/concerts/{slug}")).json()["slug"] for slug in (old, moved["slug"])]
        assert found == [moved["slug"], moved["slug"]]
        assert (await reschedule(staff_api, path, "2099-05-21T18:00:00Z"))["slug"] == old
        assert (await client.get(f"/api/v1/concerts/{moved['slug']}")).json()["slug"] == old

    async def test_an_address_that_was_chosen_stays_when_the_concert_moves(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert(slug="the-last-one")
        moved = await reschedule(staff_api, f"/concerts/{concert['id']}", "2099-06-21T18:00:00Z")
        assert moved["slug"] == "the-last-one"

    async def test_an_address_that_led_to_one_concert_is_given_to_no_other(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        path = f"/concerts/{concert['id']}"
        body = editable(await staff_api.change(path, editable(concert, "title") | {"slug": "chosen"}), "title")
        other = await staff_api.add("/concerts", body | {"slug": None})
        assert other["slug"] == f"{concert['slug']}-2"
        await staff_api.add("/concerts", body | {"slug": concert["slug"]}, status=409)

    async def test_an_address_changed_by_hand_still_leads_to_the_tour(
        self, staff_api: StaffApi, client: httpx.AsyncClient
    ) -> None:
        tour = await staff_api.add("/tours", {"title": "Night Crossing"})
        await staff_api.change(f"/tours/{tour['id']}", {"title": "Day Crossing", "slug": "day-crossing"})
        assert (await client.get("/api/v1/tours/night-crossing")).json()["slug"] == "day-crossing"

    async def test_a_change_names_the_version_it_was_made_from(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        path, body = f"/concerts/{concert['id']}", editable(concert, "title")
        old = (await staff_api.ask("GET", path)).headers["etag"]
        assert (await staff_api.change(path, body | {"title": "Live again"}))["title"] == "Live again"
        stale = await staff_api.change(path, body | {"title": "Lost update"}, status=412, tag=old)
        assert stale["type"] == "urn:backline:problem:version-stale"
        await staff_api.ask("PUT", path, status=428, json=body)
        assert (await staff_api.get(path))["title"] == "Live again"

    async def test_a_creation_repeated_with_its_key_is_one(self, staff_api: StaffApi, db: Database) -> None:
        headers = {"Idempotency-Key": "a-new-venue-0001"}
        first = await staff_api.ask("POST", "/venues", status=201, json=BERLIN, headers=headers)
        again = await staff_api.ask("POST", "/venues", status=201, json=BERLIN, headers=headers)
        assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
        assert len(await sql(db, "SELECT 1 FROM venue")) == 1

    async def test_a_new_title_is_what_carts_say_from_then_on(self, staff_api: StaffApi) -> None:
        concert, ticket_type = await staff_api.on_sale()
        assert ticket_type["title"] == "Live · Standing"
        texts = {"title": "Live at last", "translations": {"ru": {"title": "Наконец"}}}
        await staff_api.change(f"/concerts/{concert['id']}", editable(concert) | texts)
        assert (await staff_api.get(f"/ticket-types/{ticket_type['id']}"))["title"] == "Live at last · Standing"

    async def test_the_trail_says_who_changed_what(self, staff_api: StaffApi, db: Database) -> None:
        concert = await staff_api.concert()
        await staff_api.change(f"/concerts/{concert['id']}", editable(concert) | {"title": "Live again"})
        ((actor, before, after),) = await sql(
            db, "SELECT actor, before, after FROM audit_entry WHERE action = 'concerts.change'"
        )
        assert (actor[:5], before, after) == ("user:", {"title": "Live"}, {"title": "Live again"})

    async def test_the_list_is_filtered(self, staff_api: StaffApi) -> None:
        tour = await staff_api.add("/tours", {"title": "Night Crossing"})
        on_tour = await staff_api.concert(title="On tour", tour=tour["id"])
        other = await staff_api.concert(title="At home")
        await staff_api.do(f"/concerts/{other['id']}", "announce")
        for query, titles in {
            f"tour={tour['id']}": ["On tour"],
            f"venue={other['venue']}": ["At home"],
            "state=draft": ["On tour"],
            "q=HALL OF ON": ["On tour"],
            "archived=true": [],
            "archived=all": ["At home", "On tour"],
        }.items():
            assert [each["title"] for each in (await staff_api.get(f"/concerts?{query}"))["items"]] == titles, query
        assert on_tour["state"] == "draft"


@pytest.mark.parametrize(("role", "status"), [("door", 403), ("moderator", 403), ("manager", 201), ("customer", 403)])
async def test_only_managers_write(client: httpx.AsyncClient, db: Database, role: str, status: int) -> None:
    staff_api = StaffApi(client, await signed_in_as(db, role))
    await staff_api.add("/venues", BERLIN, status=status)
    assert (await client.get("/api/v1/staff/venues")).status_code == 401
