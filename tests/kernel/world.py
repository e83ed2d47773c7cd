"""A shop of its own for tests that are not async: one event loop, one database, a bank in memory, jobs on demand."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from apps.checkout.paying.payment_queue import PaymentQueue
from apps.checkout.queue.checkout_queue import open_checkout_queue
from apps.checkout.queue.commands import Command
from apps.core.db.database import Base, Database
from apps.core.errors import AppError
from apps.core.http.idempotency import StoredResponse
from apps.core.jobs import JOBS
from tests.journeys.customer import sql
from tests.kernel.bank import Bank

Result = TypeVar("Result")
FILLED = (table.name for table in reversed(Base.metadata.sorted_tables) if table.name != "offer_kind")
EMPTY = (
    "ALTER TABLE ledger_transfer DISABLE TRIGGER only_added_to",
    *(f'DELETE FROM "{name}"' for name in FILLED),
    "DELETE FROM pgqueuer",
    "ALTER TABLE ledger_transfer ENABLE TRIGGER only_added_to",
)


class World:
    def __init__(self, url: str, bank: Bank) -> None:
        self._runner = asyncio.Runner()
        self.bank = bank
        self.db = self.do(self._open(url))
        self.queue = open_checkout_queue(self.db)
        self.payments = PaymentQueue(self.db)
        self.answered: list[tuple[Command, StoredResponse]] = []

    async def _open(self, url: str) -> Database:
        db = Database(url, pool_size=2)
        async with db.transaction() as connection:
            for statement in EMPTY:
                await connection.execute(text(statement))
        return db

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """None when it was refused; anything but an AppError is a failure."""
        try:
            return self.do(work)
        except AppError:
            return None

    def sql(self, statement: str, **values: object) -> Any:
        return self.do(sql(self.db, statement, **values))

    def submit(self, command: Command) -> dict | None:
        answer = self.attempt(self.queue.submit(command))
        if answer is None:
            return None
        self.answered.append((command, answer))
        return json.loads(answer.body)

    def order_id(self, placed: dict) -> UUID:
        return self.sql("SELECT id FROM orders WHERE number = :number", number=placed["number"])[0].id

    def run_job(self, n: int, *, times: int = 1) -> bool:
        """One of the jobs that wait, `times` times over, as a queue may that delivers at least once."""
        waiting = self.sql("SELECT id, entrypoint, payload FROM pgqueuer WHERE status = 'queued' ORDER BY id")
        if not waiting:
            return False
        job = waiting[n % len(waiting)]
        for _ in range(times):
            self.do(JOBS[job.entrypoint].run(self.db, job.payload))
        self.sql("DELETE FROM pgqueuer WHERE id = :id", id=job.id)
        return True

    def run_jobs(self, *, times: int = 1) -> None:
        while self.run_job(0, times=times):
            pass

    def close(self) -> None:
        self.do(self.db.close())
        self._runner.close()
