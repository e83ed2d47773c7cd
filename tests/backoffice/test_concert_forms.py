"""Managers write concerts down, with their halls and ticket types."""

import asyncio

import httpx
import pytest

from apps.concerts.models import Venue
from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.scheduling import CREATE, THREE_TYPES, allocations, ask, only_concert, venue, write_down
from tests.factories import make_hall
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, reserved, sql
from tests.queries import counting
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "staff_api", "venue"]
pytestmark = pytest.mark.anyio


class TestNewConcert:
    async def test_three_types_share_one_hall(self, manager: Clerk, venue: Venue, db: Database) -> None:
        page = await write_down(manager, **THREE_TYPES)
        assert "21 May 2099, 20:00 MSK" in page.text
        assert "0 of 500" in page.text
        concert = await only_concert(db)
        assert page.links["Create free order"] == f"/admin/order/create?concert={concert.id}"
        assert concert.starts_at.isoformat() == "2099-05-21T17:00:00"
        assert await allocations(db) == {"Standing": [500], "Student": [500], "VIP": [500, 50]}
        assert len(await sql(db, "SELECT id FROM pool")) == 2

    async def test_types_with_places_of_their_own_need_no_hall(
        self, manager: Clerk, venue: Venue, db: Database
    ) -> None:
        own = {"ticket_types_0_capacity": 300, "ticket_types_1_capacity": 100}
        page = await write_down(manager, **THREE_TYPES | own, capacity="")
        assert await allocations(db) == {"Standing": [300], "Student": [100], "VIP": [50]}
        assert "0 of 450" in page.text
        page = await manager.follow("Edit")
        page = await manager.press("Save", capacity=500, status=422)
        assert page.errors == ["The ticket types have places of their own: change those."]

    async def test_no_type_takes_more_places_than_the_hall_has(
        self, manager: Clerk, venue: Venue, db: Database
    ) -> None:
        page = await write_down(manager, **THREE_TYPES | {"ticket_types_1_capacity": 501}, status=422)
        assert page.errors == ["The hall has 500 places."]
        await write_down(manager, **THREE_TYPES | {"ticket_types_1_capacity": 500})
        await manager.follow("Edit")
        page = await manager.press("Save", capacity=400, status=422)
        assert page.errors == ["The hall has 400 places."]
        assert [row.capacity for row in await sql(db, "SELECT capacity FROM pool ORDER BY 1")] == [50, 500, 500]

    async def test_all_that_is_wrong_stands_beside_its_field(self, manager: Clerk, venue: Venue, db: Database) -> None:
        wrong = {"title": "", "starts_at": "soon", "venue_words": "", "ticket_types_1_price": "cheap"}
        page = await write_down(manager, **wrong, status=422)
        assert page.errors == [
            "Must not be empty.",
            "This is required.",
            "Must be a date and a time.",
            "Must not be empty.",
            "Must be an amount of money: 19.90.",
        ]
        assert page.value("ticket_types-1-price") == "cheap"
        page = await write_down(manager, ticket_types_0_name="Standing", capacity="", status=422)
        assert page.errors == ["Enter how many places there are, here or in the hall."]
        page = await write_down(manager, ticket_types_0_name="Standing", status=422)
        assert page.errors == ["This is required."]
        assert await sql(db, "SELECT id FROM pool UNION ALL SELECT id FROM concert") == []

    async def test_a_second_click_adds_no_second_one(self, manager: Clerk, venue: Venue, db: Database) -> None:
        await manager.visit(CREATE)
        form, _button = manager.page.form_with("Save")
        typed = {"title": "Live", "venue.words": "Loft", "starts_at": "2099-05-21T20:00"}
        body = dict(form.fields) | typed
        answers = await asyncio.gather(*(manager.client.post(CREATE, data=body) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [303, 303]
        await only_concert(db)


class TestSheet:
    async def test_saving_it_untouched_changes_nothing(self, manager: Clerk, staff_api: StaffApi, db: Database) -> None:
        concert, ticket_type = await staff_api.on_sale(translations={"ru": {"title": "Вживую"}}, lineup=["Ada Quill"])
        path = f"/ticket-types/{ticket_type['id']}"
        pool = await staff_api.add("/pools", {"name": "Streams", "capacity": 70})
        rich = {
            "name": "Stream",
            "prices": {"EUR": {"amount": 1000, "minimum": 500}, "USD": {"amount": 1100}},
            "allocation": {pool["id"]: 2},
            "translations": {"ru": {"name": "Трансляция"}},
            "max_per_customer": 3,
            "sale_from": "2098-05-21T18:00:00Z",
        }
        await staff_api.change(path, rich)
        before = [await staff_api.get(f"/concerts/{concert['id']}"), await staff_api.get(path)]
        audit_entries = await sql(db, "SELECT id FROM audit_entry WHERE action LIKE 'concerts.%'")
        await manager.visit(f"/admin/concert/edit/{concert['id']}")
        await manager.press("Save")
        assert [await staff_api.get(f"/concerts/{concert['id']}"), await staff_api.get(path)] == before
        assert len(await sql(db, "SELECT id FROM audit_entry WHERE action LIKE 'concerts.%'")) == len(audit_entries)

    async def test_the_hall_grows_and_shrinks_down_to_what_is_taken(
        self, manager: Clerk, customer: Customer, db: Database
    ) -> None:
        async with db.begin() as session:
            standing, _front = await make_hall(session, places=4)
        await customer.add(standing.id, 3)
        edit = f"/admin/concert/edit/{standing.concert_id}"
        await manager.visit(edit)
        page = await manager.press("Save", capacity=2, status=422)
        assert page.errors == ["Stock cannot be less than what is already reserved or sold."]
        assert "0 of 5, 3 reserved" in (await manager.press("Save", capacity=5)).text
        movements = await sql(db, "SELECT delta, reason, actor FROM stock_movement")
        assert [(row.delta, row.reason, row.actor[:5]) for row in movements] == [(1, "counted", "user:")]

    async def test_halls_are_resized_while_fans_buy(
        self, manager: Clerk, client: httpx.AsyncClient, db: Database
    ) -> None:
        async with db.begin() as session:
            _standing, front = await make_hall(session, places=100, front_places=50)
        fans = [Customer(client, db) for _ in range(30)]
        await manager.visit(f"/admin/concert/edit/{front.concert_id}")
        resized = {"capacity": 90, "ticket_types_1_capacity": 40}
        await asyncio.gather(manager.press("Save", **resized), *(fan.add(front.id) for fan in fans))
        assert [row.capacity for row in await sql(db, "SELECT capacity FROM pool ORDER BY 1")] == [40, 90]
        assert await reserved(db, front.id) == [30, 30]

    async def test_a_type_that_is_withdrawn_is_sold_no_more(
        self, manager: Clerk, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await manager.visit(f"/admin/concert/edit/{concert['id']}")
        page = await manager.press("Save", ticked=("ticket_types-0-archived",), status=409)
        assert "The concert is on sale and has no other ticket type." in page.text
        other = {"ticket_types_2_name": "Seated", "ticket_types_2_price": "5", "ticket_types_2_capacity": 9}
        await manager.press("Save", ticked=("ticket_types-0-archived",), **other)
        assert "Seated" in manager.page.links
        assert "Standing" not in manager.page.links
        await customer.add(ticket_type["id"], status=409)

    async def test_what_sold_uncounted_is_not_counted_too_late(
        self, manager: Clerk, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await customer.order_at_once(ticket_type["id"])
        await manager.visit(f"/admin/concert/edit/{concert['id']}")
        page = await manager.press("Save", capacity=10, status=422)
        assert page.errors[0].startswith("Some of these tickets are sold")

    async def test_more_rows_are_not_more_statements(self, manager: Clerk, staff_api: StaffApi, db: Database) -> None:
        concert = (await staff_api.concert())["id"]
        hall = (await staff_api.add("/pools", {"name": "Hall", "capacity": 500}))["id"]
        for n in range(20):
            wanted = {"name": f"Row {n}", "prices": {"EUR": {"amount": 900}}, "allocation": {hall: 1}, "position": n}
            await staff_api.add(f"/concerts/{concert}/ticket-types", wanted)
        few, many = [await statements_of_saving(manager, concert, rows, price=1) for rows in (range(2), range(2, 20))]
        assert few == many
        few, many = [
            await statements_of_saving(manager, concert, rows, capacity=30) for rows in (range(2), range(2, 20))
        ]
        assert few == many
        audit_entries = "SELECT subject_id FROM audit_entry WHERE action = 'concerts.change_ticket_type'"
        assert len(await sql(db, audit_entries)) == 40
        assert await sql(db, "SELECT count(*), min(capacity) FROM pool") == [(21, 30)]

    async def test_what_changes_and_what_is_new_is_checked_together(self, manager: Clerk, venue: Venue) -> None:
        await write_down(manager, **THREE_TYPES)
        await manager.follow("Edit")
        with counting() as sent:
            await manager.press("Save", ticket_types_0_price=31, ticket_types_3_name="Kids", ticket_types_3_price=1)
        assert len([each for each in sent if "FROM pool" in each and "FOR KEY SHARE" in each]) == 1

    async def test_two_managers_do_not_undo_each_other(
        self, manager: Clerk, clerk: SignIn, staff_api: StaffApi
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await manager.visit(f"/admin/concert/edit/{concert['id']}")
        other = await clerk("manager")
        await ask(other, "price", ticket_type["id"], kind="ticket-type")
        await other.press("Change the price", price="45")
        page = await manager.press("Save", title="Live again", status=412)
        assert "45.00" in page.text
        assert (await staff_api.get(f"/concerts/{concert['id']}"))["title"] == "Live"
        await manager.press("Save")
        assert (await staff_api.get(f"/concerts/{concert['id']}"))["title"] == "Live again"


async def statements_of_saving(manager: Clerk, concert: str, rows: range, **typed: object) -> int:
    """With the same typed into the fields of so many rows."""
    await manager.visit(f"/admin/concert/edit/{concert}")
    values = {f"ticket_types_{n}_{name}": str(value) for n in rows for name, value in typed.items()}
    with counting() as sent:
        await manager.press("Save", **values)
    return len(sent)
