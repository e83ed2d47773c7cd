"""The buyers' commands, executed in batches (core/db/batching.py): load all, decide each in its order, write all."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.queue.cart import add_line, change_line
from apps.checkout.queue.commands import AddLine, ChangeLine, Command, Place
from apps.checkout.queue.desk import Desk
from apps.checkout.queue.place import place
from apps.core.db.batching import Batcher
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.idempotency import KeptAnswer, KeyReused, replay

Till = Batcher[Command, KeptAnswer]


def open_till(db: Database) -> Till:
    """Where carts are changed and orders placed: `await till.submit(AddLine(...))`."""
    return Batcher(db.transaction, execute, execute_unlocked)


async def execute(connection: AsyncConnection, commands: Sequence[Command]) -> Sequence[KeptAnswer | AppError]:
    desk = Desk(connection)
    await desk.load(commands)
    answers = [_answer(desk, command) for command in commands]
    await desk.write()
    return answers


async def execute_unlocked(
    connection: AsyncConnection, commands: Sequence[Command]
) -> Sequence[KeptAnswer | AppError | None]:
    """The same without waiting for any lock; None for commands that need what others keep locked."""
    desk = Desk(connection, waits=False)
    await desk.load(commands)
    answers = [_answer(desk, command) if desk.can_serve(command) else None for command in commands]
    await desk.write()
    return answers


def _answer(desk: Desk, command: Command) -> KeptAnswer | AppError:
    try:
        return _repeated(desk, command) or _decide(desk, command)
    except AppError as refusal:
        return refusal


def _repeated(desk: Desk, command: Command) -> KeptAnswer | None:
    """The first answer to this key: from before, or from earlier in this very batch."""
    if kept := desk.kept.get(command.key.id):
        return replay(command.key, kept)
    key, answer = desk.answers.get(command.key.id, (command.key, None))
    if key.body_hash != command.key.body_hash:
        raise KeyReused
    return answer


def _decide(desk: Desk, command: Command) -> KeptAnswer:
    match command:
        case AddLine():
            answer = add_line(desk, command)
        case ChangeLine():
            answer = change_line(desk, command)
        case Place():
            answer = place(desk, command)
    desk.answers[command.key.id] = (command.key, answer)
    return answer
