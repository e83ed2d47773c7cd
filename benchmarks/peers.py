"""What the app is measured against, in the same framework and middleware: an empty handler, and raw asyncpg."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from apps.checkout.schemas import AddLineIn, CheckoutIn
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, is_signed
from apps.payments.providers import BadSignature
from benchmarks import raw_paid, raw_reads, raw_sale
from benchmarks.stage import notes, plain
from project.logs import configure_logs
from project.settings import settings
from project.web.errors import handle
from project.web.request_id import with_request_id

HOLD = "/api/v1/cart/lines"
ORDER = "/api/v1/checkout"
WEBHOOK = "/api/v1/payments/demo/webhook"
RECEIVED = b'{"status":"received"}'


def create_peers() -> Litestar:
    configure_logs()
    sale = [empty_hold, empty_order, raw_hold, raw_order]
    paid = [empty_webhook, raw_webhook]
    reads = [raw_products, raw_product, raw_concerts, raw_concert]
    app = Litestar(
        route_handlers=[*sale, *paid, *reads],
        exception_handlers={Exception: handle},
        lifespan=[open_pool],
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = with_request_id(app.asgi_handler)
    return app


@asynccontextmanager
async def open_pool(app: Litestar) -> AsyncIterator[None]:
    noted = notes()
    app.state.pools = {UUID(offer): UUID(pool) for offer, pool in noted.pools.items()}
    app.state.answers = {path: body.encode() for path, body in noted.answers.items()}
    size = settings.database_pool_size
    url, same = plain(settings.database_url), {"jit": "off"}  # as apps/core/db/database.py has it
    async with asyncpg.create_pool(url, min_size=size, max_size=size, init=init, server_settings=same) as pool:
        app.state.db = pool
        yield


async def init(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


def answer(status: int, body: bytes) -> Response[bytes]:
    return Response(body, status_code=status, media_type="application/json")


@post("/empty" + HOLD)
async def empty_hold(data: JSONBody[AddLineIn], state: State) -> Response[bytes]:
    return answer(201, state.answers[HOLD])


@post("/empty" + ORDER)
async def empty_order(data: JSONBody[CheckoutIn], state: State) -> Response[bytes]:
    return answer(201, state.answers[ORDER])


@post("/raw" + HOLD)
async def raw_hold(data: JSONBody[AddLineIn], state: State) -> Response[bytes]:
    body = state.answers[HOLD]
    return answer(await raw_sale.hold(state.db, data, state.pools[data.offer], body), body)


@post("/raw" + ORDER)
async def raw_order(data: JSONBody[CheckoutIn], state: State) -> Response[bytes]:
    body = state.answers[ORDER]
    pools = [state.pools[line.offer] for line in data.lines or ()]
    return answer(await raw_sale.order(state.db, data, pools[0], body), body)


@post("/empty" + WEBHOOK, status_code=200)
async def empty_webhook(request: Request[Any, Any, Any]) -> Response[bytes]:
    read_event(request.headers, await request.body())
    return answer(200, RECEIVED)


@post("/raw" + WEBHOOK, status_code=200)
async def raw_webhook(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    await raw_paid.deliver(state.db, read_event(request.headers, await request.body()))
    return answer(200, RECEIVED)


def read_event(headers: Mapping[str, str], body: bytes) -> EventBody:
    if not is_signed(headers[HEADER], body):
        raise BadSignature
    return msgspec.json.decode(body, type=EventBody)


@get("/raw/api/v1/products")
async def raw_products(state: State) -> Response[bytes]:
    return answer(200, await raw_reads.products(state.db))


@get("/raw/api/v1/products/{slug:str}")
async def raw_product(slug: FromPath[str], state: State) -> Response[bytes]:
    return answer(200, await raw_reads.product(state.db, slug))


@get("/raw/api/v1/concerts")
async def raw_concerts(state: State) -> Response[bytes]:
    return answer(200, await raw_reads.concerts(state.db))


@get("/raw/api/v1/concerts/{slug:str}")
async def raw_concert(slug: FromPath[str], state: State) -> Response[bytes]:
    return answer(200, await raw_reads.concert(state.db, slug))
