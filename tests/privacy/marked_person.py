"""Somebody whose every trace can be recognised: a mark of their own in each place where one can be left."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from apps.checkout.edit_customer import note
from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.orders.repositories import OrderRepository
from project.settings import settings
from tests.factories import make_pool, make_shirt, make_ticket_type
from tests.journeys.customer import MAILS, Customer, sql
from tests.letters import newest_letter, text_of
from tests.site.browser import Fan
from tests.site.test_account import PASSWORD, path_in
from tests.staff_api import StaffApi

EMAIL, OTHER_EMAIL, RESENT_TO = "mark-01@example.org", "mark-02@example.org", "mark-03@example.org"
FIRST_NAME, NAME, GUEST_NAME, ORDER_NAME, TYPED_NAME = "mark-04", "mark-05", "mark-06", "mark-07", "mark-08"
ADDRESS = {"line1": "mark-09", "line2": "mark-10", "city": "mark-11", "postal_code": "10115", "country": "DE"}
PROGRAM, NOTE, REASON, TRACKING, KEY_NAME = "mark-12", "mark-13", "mark-14", "mark-15", "mark-16"
REPORTED, ARGUMENT, FAILURE, ANSWERED, TOLD = "mark-17", "mark-18", "mark-19", "mark-20", "mark-21"
EMAIL_MARK = "mark-01"
MARKS = [f"mark-{number:02}" for number in range(1, 22)]
OWN_KEY = "UPDATE credential SET name = :mark FROM users WHERE users.id = user_id AND email = :email"
COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public'
      AND data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY', 'tsvector')
"""


class MarkedPerson:
    def __init__(self, fan: Fan, customer: Customer, admin: StaffApi, db: Database) -> None:
        self.fan, self.customer, self.admin, self.db = fan, customer, admin, db
        self.client = fan.client

    async def leave_marks(self) -> None:
        await self._open_account()
        await self._order_as_guest()
        await self._order_signed_in()
        await self._be_served()
        await self._elsewhere()

    async def _open_account(self) -> None:
        """Before there is an account, the address is tried; afterwards somebody registers with it once more."""
        self.client.headers["User-Agent"] = PROGRAM
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        await self.client.post("/api/v1/auth/token", data=form)
        await self.fan.visit("/account/register")
        await self.fan.press("Create account", email=EMAIL, name=FIRST_NAME, password=PASSWORD)
        await self.fan.visit(path_in(text_of(await newest_letter(self.db))))
        await self.fan.press("Confirm and sign in", password=PASSWORD)
        again = {"email": EMAIL, "name": TYPED_NAME, "password": PASSWORD}
        assert (await self.client.post("/api/v1/auth/register", json=again)).status_code == 202
        await self.fan.visit("/account/details")
        await self.fan.press("Save", name=NAME)
        answer = await self.client.post("/api/v1/auth/token", data=form)
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def _order_as_guest(self) -> None:
        """Tickets, with the address that is confirmed."""
        async with self.db.begin() as session:
            ticket = await make_ticket_type(session, {(await make_pool(session, 10)).id: 1})
        self.customer.email = EMAIL
        self.tickets = await self.customer.order_at_once(ticket.id, 2, name=GUEST_NAME, key="a-key-of-their-own")
        await self.customer.pay(self.tickets)

    async def _order_signed_in(self) -> None:
        """A shirt, with another address than that of the account."""
        async with self.db.begin() as session:
            shirt = await make_shirt(session)
        lines = [{"offer": str(shirt.id), "quantity": 2}]
        body = {"email": OTHER_EMAIL, "name": ORDER_NAME, "delivery": "ship", "address": ADDRESS, "lines": lines}
        answer = await self.client.post("/api/v1/checkout", json=body, headers=self.headers)
        assert answer.status_code == 201, answer.text
        self.shirts = answer.json()
        await self.customer.pay(self.shirts)

    async def _be_served(self) -> None:
        """What staff do with the orders."""
        path = f"/orders/{self.shirts['number']}"
        for state in ("packed", "shipped", "delivered"):
            body = {"state": state, **({"tracking": TRACKING} if state == "shipped" else {})}
            await self.admin.ask("POST", f"{path}/parcels", json=body)
        again = {"Idempotency-Key": "another-mail-of-shirts"}
        await self.admin.ask("POST", f"{path}/resend", json={"email": RESENT_TO}, headers=again)
        refund = {"lines": [{"line": self.shirts["lines"][0]["id"], "quantity": 1}], "reason": REASON}
        await self.admin.ask("POST", f"{path}/refund", json=refund, headers={"Idempotency-Key": "refund-of-one-shirt"})
        async with self.db.begin() as session:
            order = await OrderRepository(session=session).get_one(number=self.shirts["number"])
            note(session, order, NOTE, actor="system")
        await drain(self.db)

    async def _elsewhere(self) -> None:
        """Where only providers, browsers or failures write."""
        await self._sql(OWN_KEY, mark=KEY_NAME, email=EMAIL)
        await self._sql(
            "UPDATE webhook_event SET payload = payload || jsonb_build_object('name', CAST(:mark AS text))",
            mark=REPORTED,
        )
        await self._sql("UPDATE webhook_attempt SET answer = :mark", mark=ANSWERED)
        (order,) = await sql(self.db, "SELECT id FROM orders WHERE email = :email", email=OTHER_EMAIL)
        payload = f'{{"order_id": "{order.id}", "to": "{ARGUMENT}"}}'.encode()
        failed = "INSERT INTO pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'failed', 'x', :payload)"
        await self._sql(failed, payload=payload)
        log = (
            "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, traceback) "
            "VALUES (1, 'failed', 0, 'x', jsonb_build_object('message', CAST(:text AS text)))"
        )
        await self._sql(log, text=f"{FAILURE}: {EMAIL.upper()}")
        about_others = (
            "INSERT INTO audit_entry (id, actor, action, subject, subject_id, before, after) VALUES "
            "(gen_random_uuid(), 'system', 'x.y', 'X', gen_random_uuid(), '{}', "
            "jsonb_build_object('to', CAST(:text AS text)))"
        )
        await self._sql(about_others, text=f"{TOLD} {EMAIL}")

    async def _sql(self, statement: str, **values: Any) -> None:
        await sql(self.db, statement, **values)


async def places_with(db: Database, *marks: str) -> set[str]:
    """Each column of each table, and each file in the data folder, in which one of these stands."""
    found = set()
    async with db.reads() as reads:
        for table, column, kind in (await reads.execute(text(COLUMNS))).all():
            shown = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            wanted = text(f'SELECT 1 FROM "{table}" WHERE lower({shown}) LIKE ANY(:marks) LIMIT 1')
            if (await reads.execute(wanted, {"marks": [f"%{mark.lower()}%" for mark in marks]})).first():
                found.add(f"{table}.{column}")
    return found | set(files_with(*marks))


def files_with(*marks: str) -> list[str]:
    """Tests that run at the same time have folders of their own there."""
    own = (MAILS, Path(settings.media_url.removeprefix("file:")))
    folders = [each for each in Path(settings.data_dir).iterdir() if each in own or "-" not in each.name]
    paths = [path for folder in folders for path in (folder, *folder.rglob("*")) if path.is_file()]
    return [path.name for path in paths if any(mark.encode() in path.read_bytes().lower() for mark in marks)]


async def marks_found(db: Database) -> dict[str, set[str]]:
    """By mark, where it stands."""
    found = {mark: await places_with(db, mark) for mark in MARKS}
    return {mark: places for mark, places in found.items() if places}
