"""The customers' commands, executed in batches (core/db/batching.py): load all, decide each in its order, write all."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.queue.answers import cart_answer, order_answer
from apps.checkout.queue.batch import Batch
from apps.checkout.queue.cart import add_line, change_line, join_carts
from apps.checkout.queue.commands import AddLine, ChangeLine, Command, JoinCarts, PlaceOrder
from apps.checkout.queue.place_order import place_order
from apps.core.db.batching import Batcher
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.idempotency import KeyReused, StoredResponse, replay

CheckoutQueue = Batcher[Command, StoredResponse]


def open_checkout_queue(db: Database) -> CheckoutQueue:
    """Where carts are changed and orders placed: `await queue.submit(AddLine(...))`."""
    return Batcher(db.transaction, execute, execute_unlocked)


async def execute(connection: AsyncConnection, commands: Sequence[Command]) -> Sequence[StoredResponse | AppError]:
    batch = Batch(connection)
    await batch.load(commands)
    answers = [_answer(batch, command) for command in commands]
    await batch.write()
    return answers


async def execute_unlocked(
    connection: AsyncConnection, commands: Sequence[Command]
) -> Sequence[StoredResponse | AppError | None]:
    """The same without waiting for any lock; None for commands that need what others keep locked."""
    batch = Batch(connection, waits=False)
    await batch.load(commands)
    answers = [_answer(batch, command) if batch.can_serve(command) else None for command in commands]
    await batch.write()
    return answers


def _answer(batch: Batch, command: Command) -> StoredResponse | AppError:
    try:
        return _repeated(batch, command) or _decide(batch, command)
    except AppError as refusal:
        return refusal


def _repeated(batch: Batch, command: Command) -> StoredResponse | None:
    """The first answer to this key: from before, or from earlier in this very batch."""
    if kept := batch.kept.get(command.key.id):
        return replay(command.key, kept)
    key, answer = batch.answers.get(command.key.id, (command.key, None))
    if key.body_hash != command.key.body_hash:
        raise KeyReused
    return answer


def _decide(batch: Batch, command: Command) -> StoredResponse:
    match command:
        case AddLine():
            answer = cart_answer(batch, command, add_line(batch, command))
        case ChangeLine():
            answer = cart_answer(batch, command, change_line(batch, command))
        case JoinCarts():
            answer = cart_answer(batch, command, join_carts(batch, command))
        case PlaceOrder():
            answer = order_answer(place_order(batch, command))
    batch.answers[command.key.id] = (command.key, answer)
    return answer
