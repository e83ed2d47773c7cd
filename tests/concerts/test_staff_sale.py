"""A concert goes through its states, and its ticket types follow."""

import asyncio
from uuid import UUID

import pytest

from apps.accounts.models import Role
from apps.concerts.staff_reads import ConcertStaffQuery
from apps.core.db.archive import ArchiveFilter
from apps.core.db.database import Database
from apps.core.http.pagination import cursor, list_name
from tests.factories import make_pool
from tests.journeys.customer import Customer, sql
from tests.staff import signed_in_as
from tests.staff_api import STANDING, StaffApi, editable

pytestmark = pytest.mark.anyio


class TestStates:
    async def test_a_ticket_can_be_bought_while_the_concert_is_on_sale(
        self, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await customer.add(ticket_type["id"])
        await staff_api.do(f"/concerts/{concert['id']}", "stop-sale")
        assert (await customer.check_out(status=409))["type"].endswith("not-on-sale")
        await staff_api.do(f"/concerts/{concert['id']}", "put-on-sale")
        await customer.check_out()

    async def test_a_postponed_one_gets_a_new_date_and_goes_on_sale_again(
        self, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        path = f"/concerts/{concert['id']}"
        assert (await staff_api.do(path, "postpone"))["state"] == "postponed"
        await customer.order_at_once(ticket_type["id"], status=409)
        tag = (await staff_api.ask("GET", path)).headers["etag"]
        body = {"starts_at": "2099-09-01T18:00:00Z"}
        await staff_api.ask("POST", f"{path}/reschedule", json=body, status=428)
        moved = await staff_api.ask("POST", f"{path}/reschedule", json=body, headers={"If-Match": tag})
        assert (moved.json()["state"], moved.json()["starts_at"]) == ("announced", "2099-09-01T18:00:00Z")
        await staff_api.do(path, "put-on-sale")
        shown = await staff_api.get(f"/ticket-types/{ticket_type['id']}")
        assert (shown["active"], shown["sale_until"]) == (True, "2099-09-01T18:00:00Z")

    async def test_it_is_not_moved_into_the_past(self, staff_api: StaffApi, db: Database) -> None:
        path = f"/concerts/{(await staff_api.concert())['id']}"
        tag = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"]}
        body = {"starts_at": "2020-05-21T18:00:00Z"}
        refused = await staff_api.ask("POST", f"{path}/reschedule", json=body, headers=tag, status=422)
        assert [each["field"] for each in refused.json()["errors"]] == ["starts_at"]
        change = editable(await staff_api.get(path), "title") | body
        assert (await staff_api.change(path, change, status=422))["errors"] == refused.json()["errors"]
        await sql(db, "UPDATE concert SET starts_at = '2020-05-20T18:00:00Z'")
        tag = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"]}
        await staff_api.ask("POST", f"{path}/reschedule", json=body, headers=tag)

    async def test_a_sale_does_not_begin_sooner_because_the_concert_does(
        self, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        presale = editable(ticket_type) | {"sale_from": "2099-05-20T18:00:00Z"}
        await staff_api.change(f"/ticket-types/{ticket_type['id']}", presale)
        path, earlier = f"/concerts/{concert['id']}", {"starts_at": "2099-05-01T18:00:00Z"}
        tag = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"]}
        refused = await staff_api.ask("POST", f"{path}/reschedule", json=earlier, headers=tag, status=409)
        assert (refused.json()["offer"], "Standing" in refused.json()["title"]) == (ticket_type["id"], True)
        change = editable(concert, "title") | earlier
        assert (await staff_api.change(path, change, status=409))["type"].endswith("sale-begins-later")
        await customer.order_at_once(ticket_type["id"], status=409)

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
    async def test_a_moment_at_the_end_of_time_is_refused(self, staff_api: StaffApi, moment: str) -> None:
        concert, ticket_type = await staff_api.on_sale()
        path, type_path = f"/concerts/{concert['id']}", f"/ticket-types/{ticket_type['id']}"
        tag = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"]}
        await staff_api.ask("POST", f"{path}/reschedule", json={"starts_at": moment}, headers=tag, status=422)
        refused = [
            await staff_api.change(path, editable(concert, "title") | {"starts_at": moment}, status=422),
            await staff_api.change(type_path, editable(ticket_type) | {"sale_from": moment}, status=422),
        ]
        assert [[each["field"] for each in problem["errors"]] for problem in refused] == [["starts_at"], ["sale_from"]]
        query = ConcertStaffQuery(q="", state=None, tour=None, venue=None, archive_filter=ArchiveFilter.in_use)
        after = cursor(list_name(query), moment, concert["id"])
        await staff_api.get(f"/concerts?after={after}", status=422)

    async def test_called_off_it_says_how_many_orders_have_tickets(
        self, staff_api: StaffApi, customer: Customer
    ) -> None:
        concert, ticket_type = await staff_api.on_sale()
        for _ in range(2):
            await customer.pay(await customer.order_at_once(ticket_type["id"], 2))
        path = f"/concerts/{concert['id']}"
        before = (await staff_api.ask("GET", path)).headers["etag"]
        cancelled = await staff_api.do(path, "cancel")
        assert (cancelled["state"], cancelled["orders_with_tickets"]) == ("cancelled", 2)
        assert (await staff_api.do(path, "put-on-sale", status=409))["state"] == "cancelled"
        assert before != (await staff_api.ask("GET", path)).headers["etag"]

    async def test_sales_do_not_change_the_version(self, staff_api: StaffApi, customer: Customer) -> None:
        concert, ticket_type = await staff_api.on_sale()
        path = f"/concerts/{concert['id']}"
        before = (await staff_api.ask("GET", path)).headers["etag"]
        await customer.pay(await customer.order_at_once(ticket_type["id"]))
        assert (await staff_api.ask("GET", path)).headers["etag"] == before

    @pytest.mark.parametrize(
        ("done", "refused"),
        [
            ([], "put-on-sale"),
            ([], "stop-sale"),
            ([], "postpone"),
            (["cancel"], "announce"),
            (["cancel"], "postpone"),
            (["announce", "postpone"], "stop-sale"),
        ],
    )
    async def test_what_a_state_forbids_is_said_in_words(
        self, staff_api: StaffApi, done: list[str], refused: str
    ) -> None:
        path = f"/concerts/{(await staff_api.concert())['id']}"
        await staff_api.add(f"{path}/ticket-types", STANDING)
        for action in done:
            await staff_api.do(path, action)
        state = (await staff_api.get(path))["state"]
        problem = await staff_api.do(path, refused, status=409)
        assert (problem["type"], problem["state"]) == ("urn:backline:problem:concert-state", state)
        staff_api.headers = {**staff_api.headers, "Accept-Language": "ru"}
        assert state not in (await staff_api.do(path, refused, status=409))["title"]

    async def test_nothing_is_sold_without_ticket_types(self, staff_api: StaffApi) -> None:
        path = f"/concerts/{(await staff_api.concert())['id']}"
        await staff_api.do(path, "announce")
        assert (await staff_api.do(path, "put-on-sale", status=409))["type"].endswith("nothing-to-sell")

    async def test_a_verb_said_twice_is_written_down_once(self, staff_api: StaffApi, db: Database) -> None:
        concert, _ = await staff_api.on_sale()
        path = f"/concerts/{concert['id']}"
        answers = await asyncio.gather(*(staff_api.do(path, "postpone") for _ in range(4)))
        assert {each["state"] for each in answers} == {"postponed"}
        assert len(await sql(db, "SELECT 1 FROM audit_entry WHERE action = 'concerts.postpone'")) == 1

    async def test_what_is_still_to_come_is_not_archived(self, staff_api: StaffApi, db: Database) -> None:
        concert, ticket_type = await staff_api.on_sale()
        path = f"/concerts/{concert['id']}"
        assert (await staff_api.do(path, "archive", status=409))["type"].endswith("concert-still-to-come")
        await sql(db, "UPDATE concert SET starts_at = now() - interval '1 day'")
        assert (await staff_api.do(path, "archive"))["archived_at"]
        assert not (await staff_api.get(f"/ticket-types/{ticket_type['id']}"))["active"]
        assert (await staff_api.do(path, "postpone", status=409))["type"].endswith("archived")
        await staff_api.do(path, "restore")
        assert (await staff_api.get(f"/ticket-types/{ticket_type['id']}"))["active"]

    @pytest.mark.parametrize("action", ["announce", "put-on-sale", "stop-sale", "postpone", "cancel", "archive"])
    async def test_door_staff_move_nothing(self, staff_api: StaffApi, db: Database, action: str) -> None:
        path = f"/concerts/{(await staff_api.concert())['id']}"
        staff_api.headers = await signed_in_as(db, "door")
        await staff_api.do(path, action, status=403)
        assert (await staff_api.get(path))["state"] == "draft"

    async def test_calling_off_is_no_part_of_selling(self, staff_api: StaffApi, db: Database) -> None:
        path = f"/concerts/{(await staff_api.concert())['id']}"
        async with db.begin() as session:
            session.add(Role(name="seller", title="Seller", permissions=["concerts.view", "concerts.sell"]))
        staff_api.headers = await signed_in_as(db, "seller")
        await staff_api.do(path, "announce")
        await staff_api.do(path, "cancel", status=403)


class TestTicketTypes:
    async def test_one_takes_its_places_from_pools(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            hall, front = await make_pool(session, 3, name="hall"), await make_pool(session, 1, name="front")
        concert, _ = await staff_api.on_sale()
        body = {**STANDING, "name": "Front", "allocation": {str(hall.id): 1, str(front.id): 1}, "max_per_order": 4}
        added = await staff_api.add(f"/concerts/{concert['id']}/ticket-types", body)
        assert (added["title"], added["active"], added["allocation"]) == ("Live · Front", True, body["allocation"])
        assert (await customer.order_at_once(added["id"], 2, status=409))["left"] == 1
        assert (await customer.order_at_once(added["id"]))["total"] == 3000

    async def test_all_that_is_wrong_is_named(self, staff_api: StaffApi) -> None:
        concert = await staff_api.concert()
        body = {
            "name": "Student",
            "prices": {"XQX": {"amount": 1}, "EUR": {"amount": 5, "minimum": 6}},
            "allocation": {concert["id"]: 1},
            "sale_from": "2099-05-22T00:00:00Z",
        }
        problem = await staff_api.add(f"/concerts/{concert['id']}/ticket-types", body, status=422)
        fields = [each["field"] for each in problem["errors"]]
        assert fields == ["prices.XQX", "prices.EUR.minimum", f"allocation.{concert['id']}", "sale_until"]

    async def test_a_change_is_for_orders_to_come(self, staff_api: StaffApi, customer: Customer, db: Database) -> None:
        _, ticket_type = await staff_api.on_sale()
        order = await customer.order_at_once(ticket_type["id"])
        path = f"/ticket-types/{ticket_type['id']}"
        async with db.begin() as session:
            pool = str((await make_pool(session, 5)).id)
        body = editable(ticket_type) | {
            "prices": {"EUR": {"amount": 4000}, "USD": {"amount": 1}},
            "allocation": {pool: 2},
        }
        changed = await staff_api.change(path, body)
        assert (changed["prices"]["EUR"]["amount"], changed["allocation"]) == (4000, {pool: 2})
        assert await staff_api.change(path, editable(changed)) == changed
        assert (await customer.order(order))["total"] == 3000
        assert (await customer.order_at_once(ticket_type["id"]))["total"] == 4000

    async def test_a_change_names_the_version_it_was_made_from(self, staff_api: StaffApi) -> None:
        _, ticket_type = await staff_api.on_sale()
        path = f"/ticket-types/{ticket_type['id']}"
        old = (await staff_api.ask("GET", path)).headers["etag"]
        await staff_api.change(path, editable(ticket_type) | {"position": 3})
        await staff_api.change(path, editable(ticket_type), status=412, tag=old)
        await staff_api.ask("PUT", path, status=428, json=editable(ticket_type))

    async def test_of_two_changes_at_once_one_is_stale(self, staff_api: StaffApi) -> None:
        _, ticket_type = await staff_api.on_sale()
        path = f"/ticket-types/{ticket_type['id']}"
        tag = {"If-Match": (await staff_api.ask("GET", path)).headers["etag"], **staff_api.headers}
        url = f"/api/v1/staff{path}"
        answers = await asyncio.gather(
            *(staff_api.client.put(url, json=editable(ticket_type) | {"position": n}, headers=tag) for n in range(1, 5))
        )
        assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]

    async def test_archived_it_is_sold_no_more(self, staff_api: StaffApi, customer: Customer) -> None:
        concert, ticket_type = await staff_api.on_sale()
        path, types = f"/ticket-types/{ticket_type['id']}", f"/concerts/{concert['id']}/ticket-types"
        other = await staff_api.add(types, {**STANDING, "name": "Seated"})
        assert not (await staff_api.do(path, "archive"))["active"]
        await customer.order_at_once(ticket_type["id"], status=409)
        assert [each["id"] for each in (await staff_api.get(types))["items"]] == [other["id"]]
        await staff_api.do(path, "restore")
        assert [each["active"] for each in (await staff_api.get(types))["items"]] == [True, True]

    async def test_the_last_one_stays_while_the_concert_is_on_sale(self, staff_api: StaffApi) -> None:
        concert, ticket_type = await staff_api.on_sale()
        path, concert_path = f"/ticket-types/{ticket_type['id']}", f"/concerts/{concert['id']}"
        assert (await staff_api.do(path, "archive", status=409))["type"].endswith("last-ticket-type")
        await staff_api.do(concert_path, "stop-sale")
        await staff_api.do(path, "archive")
        assert (await staff_api.do(concert_path, "put-on-sale", status=409))["type"].endswith("nothing-to-sell")

    async def test_of_two_last_ones_archived_at_once_one_stays(self, staff_api: StaffApi) -> None:
        concert, first = await staff_api.on_sale()
        second = await staff_api.add(f"/concerts/{concert['id']}/ticket-types", {**STANDING, "name": "Seated"})
        urls = [f"/api/v1/staff/ticket-types/{each['id']}/archive" for each in (first, second)]
        answers = await asyncio.gather(*(staff_api.client.post(url, headers=staff_api.headers) for url in urls))
        assert sorted(each.status_code for each in answers) == [200, 409]

    async def test_one_of_an_archived_concert_is_not_changed(self, staff_api: StaffApi) -> None:
        concert, ticket_type = await staff_api.on_sale()
        await staff_api.do(f"/concerts/{concert['id']}", "cancel")
        await staff_api.do(f"/concerts/{concert['id']}", "archive")
        refused = await staff_api.change(f"/ticket-types/{ticket_type['id']}", editable(ticket_type), status=409)
        assert refused["type"] == "urn:backline:problem:archived"

    async def test_there_are_not_more_than_a_list_shows(self, staff_api: StaffApi, db: Database) -> None:
        concert = await staff_api.concert()
        await sql(
            db,
            """WITH made AS (INSERT INTO offer (id, kind, title)
                             SELECT gen_random_uuid(), 'ticket', 'x' FROM generate_series(1, 100) RETURNING id)
               INSERT INTO ticket_type (offer_id, concert_id, name) SELECT id, :concert, 'x' FROM made""",
            concert=concert["id"],
        )
        path = f"/concerts/{concert['id']}/ticket-types"
        assert len((await staff_api.get(path))["items"]) == 100
        assert (await staff_api.add(path, STANDING, status=409))["limit"] == 100

    async def test_fans_read_its_name_in_their_language(self, staff_api: StaffApi, customer: Customer) -> None:
        concert, ticket_type = await staff_api.on_sale(translations={"ru": {"title": "Живьём"}})
        texts = {"translations": {"ru": {"name": "Танцпол"}}}
        await staff_api.change(f"/ticket-types/{ticket_type['id']}", editable(ticket_type) | texts)
        url, russian = f"/api/v1/concerts/{concert['slug']}", {"Accept-Language": "ru"}
        shown = (await staff_api.client.get(url, headers=russian)).json()
        assert (shown["title"], shown["ticket_types"][0]["name"]) == ("Живьём", "Танцпол")
        assert shown["ticket_types"][0]["price_text"].replace("\xa0", " ") == "30,00 €"
        cart = await staff_api.client.post("/api/v1/cart/lines", json={"offer": ticket_type["id"]}, headers=russian)
        assert cart.json()["lines"][0]["title"] == "Живьём · Танцпол"
        body = {"offer": ticket_type["id"], "quantity": 100}
        refused = await staff_api.client.post("/api/v1/cart/lines", json=body, headers=russian)
        assert "Живьём · Танцпол" in refused.json()["title"]
        order = await customer.order_at_once(UUID(ticket_type["id"]), locale="ru")
        assert order["lines"][0]["title"] == "Живьём · Танцпол"
