"""A process of the shop's that hears of payments and gives money back, until it is killed: benchmarks/books_kill.py."""

import asyncio
from multiprocessing.connection import Connection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from apps.core.audit import SYSTEM
from apps.core.db.database import Database
from apps.payments.inbox.webhook_queue import WebhookQueue, open_webhook_queue
from apps.payments.inbox.webhooks import receive, understand
from apps.payments.models import RefundState, WebhookEvent
from apps.payments.providers import RefundReport, WebhookCall
from apps.payments.refunds import apply_refund_report, promise_refund
from apps.payments.repositories import PaymentRepository
from project import registry

registry.load()


class Told(NamedTuple):
    """A webhook, or with no `body` the wish to send `amount` back."""

    payment: UUID
    amount: int
    headers: dict[str, str]
    body: bytes = b""


class Done(NamedTuple):
    """`is_sent`: the provider is asked to send the money back; else all of it is done."""

    told: Told
    is_sent: bool = False


def serve(url: str, pipe: Connection) -> None:
    asyncio.run(_serve(url, pipe))


async def _serve(url: str, pipe: Connection) -> None:
    db = Database(url, pool_size=4)
    queue, loop = open_webhook_queue(db), asyncio.get_running_loop()
    pipe.send(None)
    async with asyncio.TaskGroup() as tasks:
        while told := await loop.run_in_executor(None, pipe.recv):
            tasks.create_task(_do(db, queue, pipe, told))
    await _understand_the_rest(db)
    await db.close()


async def _understand_the_rest(db: Database) -> None:
    """As the jobs do: what came while a dead process's session still had its payment locked."""
    async with db.begin() as session:
        left = list(await session.scalars(select(WebhookEvent.id).where(WebhookEvent.handled_at.is_(None))))
    for id in left:
        async with db.begin() as session:
            await understand(session, id)


async def _do(db: Database, queue: WebhookQueue, pipe: Connection, told: Told) -> None:
    if told.body:
        await receive(db, queue, "demo", WebhookCall(told.headers, told.body))
    else:
        await _send_back(db, pipe, told)
    pipe.send(Done(told))


async def _send_back(db: Database, pipe: Connection, told: Told) -> None:
    """As `send_refund` does: a promise, the provider, its answer."""
    async with db.begin() as session:
        payment = await PaymentRepository(session=session).lock(told.payment)
        key, amount = f"bench:{payment.id}", told.amount
        refund = await promise_refund(session, payment, key=key, amount=amount, reason="bench", actor=SYSTEM)
    pipe.send(Done(told, is_sent=True))
    async with db.begin() as session:
        await apply_refund_report(session, RefundReport(refund.id, RefundState.done, str(refund.id)))
