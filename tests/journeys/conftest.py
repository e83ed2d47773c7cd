"""A real server on a real port, and a buyer who talks to it over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from apps.core.db import Database
from apps.core.jobs import drain
from project.app import create_app
from project.settings import settings


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[None]:
    """The app on the port of BASE_URL, without a worker: tests say when jobs run."""
    app = create_app(database_url=database_url)
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_config=None, access_log=False, lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[None]:
    async with serving(database_url):
        yield


@pytest.fixture
async def client(server: None) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=20, trust_env=False) as made:
        yield made


@pytest.fixture
async def buyer(client: httpx.AsyncClient, db: Database) -> "Buyer":
    return Buyer(client, db)


class Buyer:
    """What a fan's browser or app does, step by step. Every step returns the JSON it was answered."""

    def __init__(self, client: httpx.AsyncClient, db: Database) -> None:
        self.client = client
        self.db = db
        self.token: str | None = None

    async def add(self, offer: object, quantity: int = 1, *, status: int = 201) -> dict:
        headers = {"Cart-Token": self.token} if self.token else {}
        body = {"offer": str(offer), "quantity": quantity}
        answer = await self.client.post("/api/v1/cart/lines", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        self.token = answer.json().get("token", self.token)
        return answer.json()

    async def check_out(self, *, status: int = 201, **extra: object) -> dict:
        body = {"email": "fan@example.org", "delivery": "pickup", **extra}
        headers = {"Cart-Token": self.token} if self.token and "lines" not in extra else {}
        answer = await self.client.post("/api/v1/checkout", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def start_payment(self, order: dict, *, status: int = 201) -> dict:
        url = f"/api/v1/orders/{order['number']}/payments?key={order['key']}"
        answer = await self.client.post(url, json={"provider": "demo"})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def at_provider(self, payment: dict, verb: str, *, status: int = 303) -> None:
        """`verb`: "pay" or "fail", the buttons of the provider's page."""
        answer = await self.client.post(f"{payment['pay_url']}/{verb}")
        assert answer.status_code == status, answer.text

    async def order(self, order: dict) -> dict:
        answer = await self.client.get(f"/api/v1/orders/{order['number']}?key={order['key']}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def jobs(self) -> None:
        """Let the background work that is due be done."""
        await drain(self.db)
