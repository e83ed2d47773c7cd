"""Managers write concerts down, sell them, and see what is sold."""

from urllib.parse import quote

import pytest

from apps.concerts.models import Venue
from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.scheduling import CREATE, THREE_TYPES, ask, only_concert, venue, write_down
from tests.factories import make_hall, make_shirt
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, sql
from tests.queries import counting
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api", "venue"]
pytestmark = pytest.mark.anyio
MOST_STATEMENTS = 11


class TestActions:
    async def test_a_selection_is_announced_and_put_on_sale_but_for_what_cannot_be(
        self, manager: Clerk, staff_api: StaffApi
    ) -> None:
        drafts = [await staff_api.concert(title=f"Night {number}") for number in range(2)]
        ids = [each["id"] for each in drafts]
        await manager.visit("/admin/concert/list")
        await manager.press("Announce", ticked=tuple(ids))
        await manager.press("Announce")
        await staff_api.add(
            f"/concerts/{ids[0]}/ticket-types", {"name": "A", "prices": {"EUR": {"amount": 1}}, "allocation": {}}
        )
        await ask(manager, "put-on-sale", *ids)
        page = await manager.press("Put on sale")
        assert "Add a ticket type before the concert goes on sale." in page.text
        assert [(await staff_api.get(f"/concerts/{id}"))["state"] for id in ids] == ["on_sale", "announced"]

    async def test_the_list_stays_narrowed_as_it_was(self, manager: Clerk, staff_api: StaffApi) -> None:
        ids = [(await staff_api.concert(title=f"Night {number}"))["id"] for number in range(3)]
        narrowed = "/admin/concert/list?q=Night&sort=title&state=draft"
        await manager.visit(narrowed)
        await manager.press("Announce", ticked=(ids[0], ids[1]))
        assert manager.page.links["Go back"] == narrowed
        page = await manager.press("Announce")
        assert page.url.endswith(narrowed)
        assert "Announced. Fans can see it now." in page.text

    async def test_nothing_else_leads_back_to_a_list(self, manager: Clerk, staff_api: StaffApi) -> None:
        ids = [(await staff_api.concert(title=f"Night {number}"))["id"] for number in range(2)]
        query = quote("//evil.example/?state=draft&sort=password&next=https://evil.example&q=a&q=b c")
        page = await ask(manager, "announce", *ids, query=f"list={query}")
        assert page.links["Go back"] == "/admin/concert/list?q=b+c"

    async def test_who_is_told_stands_in_the_question(
        self, manager: Clerk, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await customer.pay(await customer.order_at_once(ticket_type["id"], 2))
        told = "Orders with tickets 1"
        assert told in (await ask(manager, "reschedule", concert["id"])).text
        assert told not in (await ask(manager, "stop-sale", concert["id"])).text
        assert told in (await ask(manager, "postpone", concert["id"])).text
        page = await manager.press("Postpone")
        assert "Ticket holders get an email in two minutes." in page.text
        assert told in (await ask(manager, "put-on-sale", concert["id"])).text

    async def test_a_new_date_is_on_the_venues_clocks(self, manager: Clerk, venue: Venue, db: Database) -> None:
        await write_down(manager)
        await manager.follow("Set a new date")
        page = await manager.press("Set a new date", starts_at="2001-01-01T20:00", status=422)
        assert page.errors == ["This moment is over already."]
        await manager.press("Set a new date", starts_at="2098-01-01T20:00")
        assert (await only_concert(db)).starts_at.isoformat() == "2098-01-01T17:00:00"
        assert "Starts 21 May 2099, 20:00 MSK → 1 Jan 2098, 20:00 MSK" in manager.page.text

    async def test_its_places_are_called_after_its_day_and_place(
        self, manager: Clerk, venue: Venue, staff_api: StaffApi, db: Database
    ) -> None:
        await write_down(manager, **THREE_TYPES)
        [(vip,)] = await sql(db, "SELECT id FROM pool WHERE capacity = 50")
        await staff_api.change(f"/pools/{vip}", {"name": "Gold"})
        await manager.follow("Set a new date")
        await manager.press("Set a new date", starts_at="2098-01-01T20:00")
        assert await names_of_places(db) == ["2098-01-01 Kazan Loft", "Gold"]
        await manager.follow("Edit")
        await manager.press("Save", starts_at="2098-01-02T20:00", capacity=400)
        assert await names_of_places(db) == ["2098-01-02 Kazan Loft", "Gold"]
        await manager.follow("Duplicate")
        await manager.press("Duplicate", starts_at="2098-01-03T20:00")
        assert (await names_of_places(db))[1:3] == ["2098-01-03 Kazan Loft", "2098-01-03 Kazan Loft: Gold"]

    async def test_its_places_follow_name_and_time_zone_of_the_venue(
        self, manager: Clerk, venue: Venue, staff_api: StaffApi, db: Database
    ) -> None:
        await write_down(manager, **THREE_TYPES)
        await staff_api.change(f"/venues/{venue.id}", {"name": "Club", "city": "Kazan", "time_zone": "Asia/Tokyo"})
        assert await names_of_places(db) == ["2099-05-22 Kazan Club", "2099-05-22 Kazan Club: VIP"]

    async def test_a_copy_of_places_that_are_named_after_another_day_is_named_after_its_own(
        self, manager: Clerk, venue: Venue, db: Database
    ) -> None:
        await write_down(manager, **THREE_TYPES)
        await sql(db, "UPDATE pool SET name = replace(name, '2099-05-21', '2090-01-01')")
        await manager.follow("Duplicate")
        await manager.press("Duplicate", starts_at="2099-05-28T20:00")
        assert (await names_of_places(db))[2:] == ["2099-05-28 Kazan Loft", "2099-05-28 Kazan Loft: VIP"]

    async def test_a_copy_is_a_draft_with_places_of_its_own(self, manager: Clerk, venue: Venue, db: Database) -> None:
        window = {"ticket_types_0_sale_from": "2099-01-21T12:00"}
        await write_down(manager, **THREE_TYPES, **window)
        await manager.follow("Duplicate")
        page = await manager.press("Duplicate", starts_at="2099-05-28T20:00")
        assert "28 May 2099, 20:00 MSK" in page.text
        assert "28 Jan 2099, 12:00 MSK" in page.text
        sizes = await sql(db, "SELECT name, capacity FROM pool ORDER BY capacity, name")
        assert [tuple(row) for row in sizes] == [
            ("2099-05-21 Kazan Loft: VIP", 50),
            ("2099-05-28 Kazan Loft: VIP", 50),
            ("2099-05-21 Kazan Loft", 500),
            ("2099-05-28 Kazan Loft", 500),
        ]
        prices = await sql(db, "SELECT amount FROM offer_price ORDER BY amount")
        assert [row.amount for row in prices] == [2000, 2000, 3000, 3000, 9000, 9000]

    async def test_calling_off_tells_what_was_sold(
        self, manager: Clerk, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        async with db.begin() as session:
            shirt = await make_shirt(session)
        lines = [{"offer": ticket_type["id"], "quantity": 2}, {"offer": str(shirt.id), "quantity": 1}]
        await customer.pay(await customer.check_out(lines=lines))
        pending = await customer.order_at_once(ticket_type["id"])
        page = await ask(manager, "call-off", concert["id"])
        assert "Tickets sold 2 Orders with tickets 1 Ticket revenue €60.00 Orders with merch to pick up 1" in page.text
        await manager.press("Cancel concert")
        assert "Cancelled" in manager.page.text
        await customer.jobs()
        assert (await customer.order(pending))["state"] == "cancelled"

    async def test_of_what_is_called_off_nothing_is_left_to_sell(
        self, manager: Clerk, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await customer.order_at_once(ticket_type["id"])
        await staff_api.do(f"/concerts/{concert['id']}", "cancel")
        page = await manager.visit(f"/admin/concert/details/{concert['id']}")
        assert "Standing €30.00 No 0 0 –" in page.text
        assert "No orders with valid tickets." in page.text

    async def test_what_was_sold_is_told_in_the_readers_language(
        self, manager: Clerk, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await customer.pay(await customer.order_at_once(ticket_type["id"], 2))
        page = await manager.visit(f"/admin/concert/do/call-off?pks={concert['id']}&lang=ru")
        assert "Выручка за билеты 60,00 €" in page.text

    async def test_a_draft_is_deleted_with_all_that_is_its_own(
        self, manager: Clerk, venue: Venue, db: Database
    ) -> None:
        await write_down(manager, **THREE_TYPES)
        await manager.follow("Delete")
        await manager.press("Delete")
        assert manager.page.url.split("?")[0].endswith("/admin/concert/list")
        assert (
            await sql(
                db, "SELECT id FROM concert UNION ALL SELECT id FROM offer UNION ALL SELECT offer_id FROM offer_pool"
            )
            == []
        )
        assert await sql(db, "SELECT DISTINCT archived_at IS NOT NULL FROM pool") == [(True,)]

    async def test_what_fans_have_seen_is_not_deleted(self, manager: Clerk, staff_api: StaffApi) -> None:
        concert, _ticket_type = await staff_api.on_sale()
        await ask(manager, "delete", concert["id"])
        page = await manager.press("Delete", status=409)
        assert "This cannot be done with “Live" in page.text

    async def test_each_needs_its_permission(self, clerk: SignIn, staff_api: StaffApi, db: Database) -> None:
        concert, ticket_type = await staff_api.on_sale()
        moderator = await clerk("moderator")
        page = await moderator.visit(f"/admin/concert/details/{concert['id']}")
        assert page.links.keys() & {"Edit", "Create free order"} == set()
        for action in ("stop-sale", "postpone", "reschedule", "duplicate", "call-off", "archive", "delete"):
            await ask(moderator, action, concert["id"], status=403)
        await ask(moderator, "price", ticket_type["id"], kind="ticket-type", status=403)
        await moderator.visit(CREATE, status=403)
        await moderator.visit("/admin/concert/export/csv", status=403)


class TestTicketTypes:
    async def test_prices_of_several_are_changed_at_once(
        self, manager: Clerk, db: Database, staff_api: StaffApi
    ) -> None:
        async with db.begin() as session:
            types = [each.id for each in await make_hall(session)]
        await ask(manager, "price", *types, kind="ticket-type")
        page = await manager.press("Change the price", price="", status=422)
        assert len(page.errors) == 1
        await manager.press("Change the price", price="12.50")
        shown = [await staff_api.get(f"/ticket-types/{id}") for id in types]
        assert [each["prices"]["EUR"]["amount"] for each in shown] == [1250, 1250]

    async def test_none_is_on_sale_when_its_concert_is_over(
        self, manager: Clerk, staff_api: StaffApi, db: Database
    ) -> None:
        _concert, ticket_type = await staff_api.on_sale()
        page = await manager.visit(f"/admin/ticket-type/details/{ticket_type['id']}")
        assert "On sale Yes" in page.text
        await sql(db, "UPDATE offer SET sale_until = now() - interval '1 hour'")
        page = await manager.visit(f"/admin/ticket-type/details/{ticket_type['id']}")
        assert "On sale No" in page.text
        assert "Standing" in (await manager.visit("/admin/ticket-type/list?active=no")).links

    async def test_all_of_one_is_changed_on_its_own_page(
        self, manager: Clerk, db: Database, staff_api: StaffApi
    ) -> None:
        async with db.begin() as session:
            _standing, front = await make_hall(session)
        before = await staff_api.get(f"/ticket-types/{front.id}")
        await manager.visit(f"/admin/ticket-type/edit/{front.id}")
        await manager.press("Save", max_per_order=3, translations_ru_name="Впереди")
        after = await staff_api.get(f"/ticket-types/{front.id}")
        assert (after["max_per_order"], after["translations"]) == (3, {"ru": {"name": "Впереди"}})
        assert (after["allocation"], after["prices"]) == (before["allocation"], before["prices"])

    async def test_what_is_held_and_what_is_sold_are_told_apart(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        """One is paid, two are ordered, three are in a cart; each takes from two pools."""
        async with db.begin() as session:
            _, front = await make_hall(session, places=20, front_places=10)
        await customer.pay(await customer.order_at_once(front.id, 1))
        await customer.add(front.id, 2)
        await customer.check_out()
        await Customer(customer.client, db).add(front.id, 3)
        page = await manager.visit(f"/admin/concert/details/{front.concert_id}")
        assert "€50.00 until the concert 1 5 4" in page.text
        assert "hall 20 5 1 14 1 of 20, 5 reserved front 10 5 1 4" in page.text
        page = await manager.visit("/admin/pool/list")
        assert [row for row in ("hall 20 5 1 14", "front 10 5 1 4") if row not in page.text] == []


class TestVenuesAndTours:
    async def test_a_venue_gets_the_zone_of_its_place(self, manager: Clerk, db: Database) -> None:
        await manager.visit("/admin/venue/create")
        page = await manager.press("Save", name="Kesselhaus", city="Berlin", status=422)
        assert "Choose one, or enter where it is." in page.text
        place = {"coordinates_latitude": "52,54", "coordinates_longitude": "13.41"}
        page = await manager.press("Save", name="Kesselhaus", city="Berlin", **place)
        assert "Europe/Berlin" in page.text
        await manager.follow("Edit")
        page = await manager.press("Save", coordinates_longitude="", status=422)
        assert page.errors == ["Must be a number."]
        await manager.press("Save", coordinates_latitude="", time_zone="Europe/Oslo")
        (row,) = await sql(db, "SELECT latitude, longitude, time_zone FROM venue")
        assert tuple(row) == (None, None, "Europe/Oslo")

    @pytest.mark.parametrize("kind", ["venue", "tour"])
    async def test_only_what_has_no_concerts_is_deleted(
        self, manager: Clerk, staff_api: StaffApi, db: Database, kind: str
    ) -> None:
        tour = await staff_api.add("/tours", {"title": "Night Crossing"})
        concert = await staff_api.concert(tour=tour["id"])
        page = await ask(manager, "delete", concert[kind], kind=kind)
        assert "Concerts 1" in page.text
        await manager.press("Delete", status=409)
        await ask(manager, "delete", concert["id"])
        await manager.press("Delete")
        await ask(manager, "delete", concert[kind], kind=kind)
        await manager.press("Delete")
        assert await sql(db, f"SELECT id FROM {kind}") == []

    async def test_a_tour_speaks_other_languages(self, manager: Clerk, staff_api: StaffApi) -> None:
        await manager.visit("/admin/tour/create")
        await manager.press("Save", title="Night Crossing", translations_ru_title="Ночной рейс")
        (tour,) = (await staff_api.get("/tours"))["items"]
        assert tour["translations"] == {"ru": {"title": "Ночной рейс"}}
        await manager.follow("Archive")
        await manager.press("Archive")
        assert (await staff_api.get("/tours"))["items"] == []


class TestLists:
    async def rows(self, clerk: Clerk, query: str) -> set[str]:
        page = await clerk.visit(f"/admin/concert/list?{query}")
        return {title for title in page.links if title.startswith("Night")}

    async def test_concerts_are_found_and_narrowed(self, manager: Clerk, staff_api: StaffApi) -> None:
        tour = await staff_api.add("/tours", {"title": "Crossing"})
        await staff_api.concert(title="Night one", tour=tour["id"])
        past = await staff_api.concert(title="Night two", starts_at="2020-02-01T18:00:00Z")
        await staff_api.do(f"/concerts/{past['id']}", "announce")
        assert await self.rows(manager, "") == {"Night one", "Night two"}
        for query in ("q=2020-02-01+berlin", "when=over", "state=announced", f"venue={past['venue']}"):
            assert await self.rows(manager, query) == {"Night two"}, query
        for query in ("q=hall+of+night+ONE", "when=to-come", f"tour={tour['id']}", "begins_from=2050-01-01"):
            assert await self.rows(manager, query) == {"Night one"}, query
        assert await self.rows(manager, "archived=yes") == set()

    async def test_a_file_has_what_the_list_shows(self, manager: Clerk, staff_api: StaffApi) -> None:
        await staff_api.concert(title="Night one")
        await staff_api.concert(title="=1+1")
        file = (await manager.client.get("/admin/concert/export/csv?q=Night")).text
        assert "Night one,2099-05-21 20:00," in file
        assert "1+1" not in file

    @pytest.mark.parametrize("kind", ["concert", "ticket-type", "venue", "tour"])
    async def test_more_rows_are_not_more_statements(self, manager: Clerk, staff_api: StaffApi, kind: str) -> None:
        sent = [await self.statements(manager, staff_api, kind, number) for number in (1, 4)]
        assert sent[0] == sent[1] <= MOST_STATEMENTS

    async def statements(self, clerk: Clerk, staff_api: StaffApi, kind: str, number: int) -> int:
        for _ in range(number):
            await staff_api.add("/tours", {"title": "Crossing"})
            await staff_api.on_sale(title=f"Night {kind} {number} {_}")
        with counting() as sent:
            await clerk.visit(f"/admin/{kind}/list")
        return len(sent)


async def names_of_places(db: Database) -> list[str]:
    return [name for (name,) in await sql(db, "SELECT name FROM pool ORDER BY name")]
