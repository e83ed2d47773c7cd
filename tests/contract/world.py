"""What schemathesis asks about: every operation has things of its own, so that none takes away what another needs."""

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import httpx

from apps.concerts.models import Tour
from apps.shop.models import Category
from project.web.openapi.components import resolved
from project.web.openapi.samples import SAMPLES
from tests.conformance import api
from tests.factories import make_concert, make_shirt, make_ticket_type, make_tickets
from tests.journeys.customer import Customer, sql
from tests.letters import letters_to, newest_letter, token_in
from tests.media.files import picture
from tests.media.gallery import Gallery
from tests.staff_api import BERLIN, STAFF, STANDING, StaffApi

BASE = "/api/v1"
SLUG = "tour-shirt"
PASSWORD = "seven gulls over the harbour"
SALE_VERBS = {"put-on-sale", "stop-sale", "postpone", "reschedule", "cancel"}
ONLY_ONCE = {"name": "thing-{n}", "slug": "thing-{n}", "email": "person-{n}@example.org"}
ONCE_KEY = {"Idempotency-Key": "a-key-of-its-own-{n}"}
API_KEY = {"permissions": ["products.view"], "expires_at": "2099-01-01T00:00:00Z"}
TOGETHER: dict[str, dict[str, Any]] = {
    "movements": {"delta": 12, "counted": None, "reason": "received"},
    "variants": {"allocation": None},
    "reprice": {"price": None, "percent": 5, "begins_at": None, "ends_at": None},
}
"""Of the things below a thing: fields that exclude each other, which the document's schemas cannot say."""
COMPARED = {"sale_until": None, "minimum": None, "early_from": None, "members_only": False, "member_amount": None}
"""Fields that may not be more, or earlier, than another."""
Known = dict[str, Any]
"""By the name of a parameter or field, what is sent in place of what was made up: hooks.py."""
numbers = count()


class Operation(NamedTuple):
    """`label` is what schemathesis calls it."""

    label: str
    path: str
    parameters: frozenset[str]

    @property
    def is_for_staff(self) -> bool:
        return self.path.startswith(STAFF)


def operations() -> Iterator[Operation]:
    for path, item in api()["paths"].items():
        for method in sorted(item.keys() - {"parameters"}):
            names = frozenset(resolved(api(), each)["name"] for each in item[method]["parameters"])
            yield Operation(f"{method.upper()} {path}", path, names)


async def second_page(client: httpx.AsyncClient, operation: Operation, known: Known) -> Known:
    """Where it begins, if there is one."""
    if "after" not in operation.parameters:
        return {}
    answer = await client.get(operation.path.format(**known), params={"limit": 1})
    cursor = answer.json()["next"]
    return {"after": cursor} if cursor else {}


class StaffWorld:
    """What staff name: made by the office, whose client is signed in."""

    def __init__(self, staff_api: StaffApi, customer: Customer) -> None:
        self.staff_api = staff_api
        self.customer = customer

    async def known(self) -> dict[str, Known]:
        """By operation's label."""
        shared = await self.shared()
        own = {each: await self.own(each.path) for each in operations() if each.is_for_staff}
        return {
            each.label: {**shared, **known, **await second_page(self.staff_api.client, each, known)}
            for each, known in own.items()
        }

    async def shared(self) -> Known:
        """What bodies refer to."""
        venue, tour, pool = [await self.make(collection) for collection in ("venues", "tours", "pools")]
        refer = {"venue": venue["id"], "tour": tour["id"], "category": (await self.make("categories"))["id"]}
        given = {"roles": ["manager"], "permissions": ["products.view"], "allocation": {pool["id"]: 1}}
        options = {"option_names": ["Size"], "options": ["size {n}"]}
        return {**refer, **given, **options, **COMPARED, **ONLY_ONCE, **ONCE_KEY, "If-Match": "*"}

    async def own(self, path: str) -> Known:
        match path.removeprefix(f"{STAFF}/").split("/"):
            case ["orders"]:
                return {"offer": await self.uncounted()}
            case ["orders", "{number}", "parcels" | "tracking" as action]:
                return await self.parcel(is_sent=action == "tracking")
            case ["orders", "{number}", *action]:
                return await self.order(*action)
            case ["invoices", "{invoice}", *_]:
                return {"invoice": (await invoiced(self.customer, await self.uncounted()))["invoice"]}
            case ["withdrawals", "{id}", *_]:
                made = await withdrawn(self.customer, await self.uncounted())
                return {"id": made["id"]}
            case ["concerts", "{id}", *action]:
                return {"id": (await self.concert(*action))["id"]}
            case ["api-keys"]:
                return API_KEY
            case ["webhook-deliveries", "{id}", *_]:
                return {"id": await self.webhook_delivery()}
            case ["webhooks", "{id}", *_]:
                return {"id": (await self.make("webhooks"))["id"], "since": "2026-01-01T00:00:00Z"}
            case [collection, "{id}", *part]:
                return {"id": (await self.make(collection))["id"], **TOGETHER.get("/".join(part), {})}
            case _:
                return {}

    async def order(self, action: str = "") -> Known:
        async with self.customer.db.begin() as session:
            offer = (await make_tickets(session, 10)).id
        order = await self.customer.order_at_once(offer, 10)
        if action in ("invoice", "refund", "resend"):
            order = await self.customer.pay(order)
        if action == "receive":
            payment = await self.customer.start_payment(order)
            transfer = "UPDATE payment SET provider = 'bank_transfer' WHERE id = '{}'"
            await sql(self.customer.db, transfer.format(payment["payment"]))
        return {"number": order["number"], "line": order["lines"][0]["id"]}

    async def uncounted(self) -> str:
        """An offer that never runs out."""
        async with self.customer.db.begin() as session:
            return str((await make_shirt(session, stock=None)).id)

    async def parcel(self, *, is_sent: bool) -> Known:
        order = await self.customer.order_at_once(await self.uncounted(), delivery="ship", address=SAMPLES["address"])
        await self.customer.pay(order)
        if is_sent:
            await self.staff_api.ask("POST", f"/orders/{order['number']}/parcels", json={"state": "shipped"})
        return {"number": order["number"], "state": "shipped", "tracking": "JJD0001"}

    async def concert(self, action: str = "") -> dict[str, Any]:
        title = f"Live {next(numbers)}"
        if action == "refunds":
            return await self.called_off(title)
        if action in SALE_VERBS:
            concert, _ = await self.staff_api.on_sale(title=title)
            return concert
        return await self.staff_api.concert(title=title)

    async def called_off(self, title: str) -> dict[str, Any]:
        concert, ticket_type = await self.staff_api.on_sale(title=title)
        await self.customer.pay(await self.customer.order_at_once(ticket_type["id"]))
        return await self.staff_api.do(f"/concerts/{concert['id']}", "cancel")

    async def webhook_delivery(self) -> str:
        webhook = await self.make("webhooks")
        await self.staff_api.do(f"/webhooks/{webhook['id']}", "ping")
        sent = await self.staff_api.get(f"/webhook-deliveries?webhook={webhook['id']}")
        return str(sent["items"][0]["id"])

    async def make(self, collection: str) -> dict[str, Any]:
        match collection:
            case "images":
                return await Gallery(self.staff_api).send(picture())
            case "variants":
                product = await self.make("products")
                body = {"options": ["L"], "prices": {"EUR": {"amount": 2500}}, "stock": 40}
                return await self.staff_api.add(f"/products/{product['id']}/variants", body)
            case "ticket-types":
                concert = await self.concert()
                return await self.staff_api.add(f"/concerts/{concert['id']}/ticket-types", STANDING)
            case _:
                return await self.staff_api.add(f"/{collection}", new(collection, next(numbers)))


def new(collection: str, number: int) -> dict[str, Any]:
    """The body that makes another one."""
    bodies: dict[str, dict[str, Any]] = {
        "api-keys": {"name": f"Printer {number}", "permissions": ["products.view"]},
        "categories": {"title": f"Shirts {number}"},
        "products": {"title": f"Cap {number}", "option_names": ["Size"], "published": True},
        "pools": {"name": f"Hall {number}", "capacity": 40},
        "roles": {"name": f"table-{number}", "title": "Merch table", "permissions": []},
        "tours": {"title": f"Crossing {number}"},
        "users": {"email": f"office-{number}@example.org", "name": "Ada Office", "locale": "en"},
        "venues": {**BERLIN, "name": f"Knust {number}"},
        "webhooks": {"url": f"https://example.org/hooks/{number}"},
    }
    return bodies[collection]


async def invoiced(customer: Customer, offer: str) -> Known:
    """A paid order, and the number of its invoice."""
    order = await customer.order_at_once(offer)
    await customer.pay(order)
    await customer.by_the_clock("invoices.issue")
    [(invoice,)] = await sql(
        customer.db, "SELECT number FROM invoice WHERE order_number = :number", number=order["number"]
    )
    return {"number": order["number"], "key": order["key"], "invoice": invoice}


async def withdrawn(customer: Customer, offer: str) -> dict[str, Any]:
    """From a paid order."""
    order = await customer.order_at_once(offer)
    await customer.pay(order)
    path = f"{BASE}/orders/{order['number']}/withdrawals?key={order['key']}"
    made = await customer.client.post(path, json={"name": "Ada"})
    assert made.status_code == 201, made.text
    body: dict[str, Any] = made.json()
    return body


class FanWorld:
    """What fans name: put into carts and ordered by a customer who is signed in."""

    def __init__(self, customer: Customer, *, key_owner: str) -> None:
        """`key_owner`: the Authorization header of who makes API keys of their own."""
        self.customer = customer
        self.key_owner = key_owner
        self.ready_export = ""

    async def known(self) -> dict[str, Known]:
        """By operation's label."""
        offer = await self.for_sale()
        shared = {"offer": offer, "slug": SLUG, "category": SLUG, "tour": SLUG, "currency": "EUR", "provider": "demo"}
        own = {each: await self.own(each.path, offer) for each in operations() if not each.is_for_staff}
        return {
            each.label: {**shared, **ONCE_KEY, **known, **await second_page(self.customer.client, each, known)}
            for each, known in own.items()
        }

    async def link(self, step: str) -> str:
        """The token that is mailed to a newcomer, or to somebody who has forgotten the password."""
        email = f"linked-{next(numbers)}@example.org"
        body = {"email": email, "password": PASSWORD}
        register = await self.customer.client.post(f"{BASE}/auth/register", json=body)
        assert register.status_code == 202, register.text
        token = token_in(await newest_letter(self.customer.db))
        if step == "register":
            return token
        await self.customer.client.post(f"{BASE}/auth/confirm", json={"token": token, "password": PASSWORD})
        await self.customer.client.post(f"{BASE}/auth/forgot", json={"email": email})
        return token_in(await newest_letter(self.customer.db))

    async def own_key(self) -> str:
        headers = {"Authorization": self.key_owner}
        made = await self.customer.client.post(f"{BASE}/me/api-keys", json=new("api-keys", 0), headers=headers)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def own_address(self) -> str:
        body = {"name": f"Ada {next(numbers)}", "address": SAMPLES["address"]}
        made = await self.customer.client.post(f"{BASE}/me/addresses", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def link_to_new_address(self) -> str:
        """As long as the old one has not confirmed it, too, the link works again and again."""
        email = f"moved-{next(numbers)}@example.org"
        asked = await self.customer.client.post(f"{BASE}/me/email", json={"email": email})
        assert asked.status_code == 202, asked.text
        (letter,) = await letters_to(self.customer.db, email, subject="Confirm the new address")
        return token_in(letter)

    async def export(self, action: str) -> str:
        """One that is ready; to be cancelled, one that is not."""
        if not self.ready_export:
            self.ready_export = (await self.ask(f"{BASE}/me/data/exports"))["id"]
            await self.customer.jobs()
        return (await self.ask(f"{BASE}/me/data/exports"))["id"] if action == "cancel" else self.ready_export

    async def guests_cart(self, offer: str) -> dict[str, Any]:
        """One for each operation: who is signed in has one alone."""
        async with httpx.AsyncClient(base_url=self.customer.client.base_url, trust_env=False) as client:
            return await Customer(client, self.customer.db).add(offer)

    async def ask(self, path: str) -> dict[str, Any]:
        answer = await self.customer.client.post(path)
        assert answer.status_code == 202, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def for_sale(self) -> str:
        """Two of everything, so that lists have a second page; the offer to buy."""
        async with self.customer.db.begin() as session:
            for slug in ("another", SLUG):
                shirt, concert = await make_shirt(session, stock=None, max_per_order=100), await make_concert(session)
                shirt.product.slug = concert.slug = slug
                session.add_all([Category(slug=slug, title="Shirts"), Tour(slug=slug, title="Night crossing")])
                await make_ticket_type(session, {}, concert=concert)
            return str(shirt.id)

    async def own(self, path: str, offer: str) -> Known:
        match path.removeprefix(f"{BASE}/").split("/"):
            case ["cart", *_]:
                cart = await self.guests_cart(offer)
                return {"Cart-Token": cart["token"], "id": cart["lines"][0]["id"]}
            case ["checkout"]:
                return {"Cart-Token": None}  # an order is of a cart or of lines, which the schema cannot say
            case ["orders", "{number}", "invoices", *_]:
                return await invoiced(self.customer, offer)
            case ["orders", "{number}", "withdrawals"]:
                order = await self.customer.order_at_once(offer, 100)
                await self.customer.pay(order)
                return {"number": order["number"], "key": order["key"], "line": order["lines"][0]["id"], "quantity": 1}
            case ["orders", *_]:
                order = await self.customer.order_at_once(offer)
                return {"number": order["number"], "key": order["key"]}
            case ["me", "api-keys"]:
                return {**ONLY_ONCE, **API_KEY}
            case ["me", "api-keys", "{id}"]:
                return {"id": await self.own_key()}
            case ["me", "data", "exports", "{id}", action]:
                return {"id": await self.export(action)}
            case ["me", "data", "erasure", "cancel"]:
                await self.ask(f"{BASE}/me/data/erasure")
                return {}
            case ["me", "addresses"]:
                return {"address": SAMPLES["address"]}
            case ["me", "addresses", "{id}", *_]:
                return {"id": await self.own_address(), "address": SAMPLES["address"]}
            case ["me", "email"]:
                return ONLY_ONCE
            case ["me", "proof"]:
                return {"password": PASSWORD, "code": "", "passkey": ""}
            case ["auth", "confirm-email"]:
                return {"token": await self.link_to_new_address()}
            case ["auth", "token"]:
                return {"grant_type": "password", "username": self.customer.email, "password": PASSWORD}
            case ["auth", "register" | "forgot"]:
                return ONLY_ONCE
            case ["auth", "confirm"]:
                return {"token": await self.link("register"), "password": PASSWORD}
            case ["auth", "reset"]:
                return {"token": await self.link("forgot"), "password": PASSWORD}
            case _:
                return {}
