"""kill -9 of a worker that sends many letters: all come, and of each dead worker at most one came twice."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from apps.checkout.jobs import mail_again
from apps.core.db.database import Database
from apps.core.jobs import enqueue
from tests.factories import make_tickets
from tests.journeys.conftest import client, server
from tests.journeys.customer import Customer, hurry_jobs, sql
from tests.kernel.processes import Processes, forget_the_dead, nothing_is_queued, until
from tests.mail.sink import Sink, listening

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
LETTERS, KILLS = 60, 3


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


@pytest.fixture
async def processes(database_url: str, tmp_path: Path) -> AsyncIterator[Processes]:
    started = Processes(database_url, tmp_path)
    yield started
    started.stop()


async def test_at_most_one_letter_comes_twice_for_each_kill(
    processes: Processes, client: object, db: Database, sink: Sink
) -> None:
    customer = Customer(client, db)
    async with db.begin() as session:
        offer = (await make_tickets(session, 10)).id
    order = await customer.pay(await customer.order_at_once(offer))
    [(order_id,)] = await sql(db, "SELECT id FROM orders WHERE number = :number", number=order["number"])
    async with db.begin() as session:
        letters = [mail_again.call(order_id=order_id, to="a@example.org", key=uuid4()) for _ in range(LETTERS)]
        await enqueue(session, *letters)
    sink.pause = 0.05
    for number in range(KILLS):
        worker = processes.worker(MAIL_URL=sink.url)
        await until(lambda number=number: has_come(sink, (number + 1) * LETTERS // (KILLS + 2)))
        worker.kill()
        await raise_the_dead(db)
    sink.pause = 0.0
    processes.worker(MAIL_URL=sink.url)
    await until(lambda: nothing_is_queued(db))
    assert len(sink.times) == LETTERS
    assert sum(sink.times.values()) <= LETTERS + KILLS
    assert await sql(db, "SELECT id FROM mail WHERE sent_at IS NULL") == []


async def has_come(sink: Sink, number: int) -> bool:
    return len(sink.mails) >= number


async def raise_the_dead(db: Database) -> None:
    """What the dead had in hand is free now, and not only after its time."""
    await forget_the_dead(db)
    await sql(db, "UPDATE mail SET sending_since = sending_since - interval '1 hour' WHERE sent_at IS NULL")
    await hurry_jobs(db)
