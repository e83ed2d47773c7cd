"""Providers' events, taken in batches (core/db/batching.py): stored, applied, and all that follows, in one transaction.

What needs more than that, or what others keep locked, is stored with a job that understands it: webhooks.understand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.db.batching import Batcher
from apps.core.db.bulk import insert_new_rows
from apps.core.db.database import Database, now
from apps.core.events import publish
from apps.payments.apply_reports import apply_reports, lock_payments
from apps.payments.events import WebhookReceived
from apps.payments.models import Payment, WebhookEvent, WebhookProblem
from apps.payments.owners import lock_owners
from apps.payments.providers import Report
from apps.payments.repositories import OWNERS_OF_PAYMENTS

EVENTS = WebhookEvent.table()


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as it came, and what was read in it: a `report` of a payment, or a `problem`.

    `is_irrelevant`: nothing has to be done about it.
    """

    provider: str
    event_id: str
    payload: dict[str, Any]
    body: bytes | None = None
    report: Report | None = None
    is_irrelevant: bool = False
    problem: WebhookProblem | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an event; one that `is_left` is for a job."""

    event: ReceivedEvent
    is_done: bool = False
    problem: WebhookProblem | None = None
    detail: str = ""

    @property
    def is_left(self) -> bool:
        return not self.is_done and self.problem is None


ReceivedEvents = Sequence[ReceivedEvent]
"""The events of one call."""
WebhookQueue = Batcher[ReceivedEvents, bool]


def open_webhook_queue(db: Database) -> WebhookQueue:
    return Batcher(db.transaction, take)


async def take(connection: AsyncConnection, calls: Sequence[ReceivedEvents]) -> Sequence[bool]:
    """Nobody's lock is waited for."""
    events = [event for call in calls for event in call]
    known = await _find_payments(connection, events)
    payments = await _lock_payments(connection, known)
    new = await _store(connection, [_outcome_of(event, known, payments) for event in events])
    reports = [each.event.report for each in new.values() if each.is_done and each.event.report]
    await apply_reports(connection, payments, reports, at_once=True)
    await _leave_to_jobs(connection, new)
    return [True] * len(calls)


async def store(connection: AsyncConnection, events: ReceivedEvents) -> None:
    """For jobs to do."""
    outcomes = [Outcome(each, each.is_irrelevant, each.problem, each.detail) for each in events]
    await _leave_to_jobs(connection, await _store(connection, outcomes))


async def _find_payments(connection: AsyncConnection, events: Sequence[ReceivedEvent]) -> dict[UUID, Row[Any]]:
    """Those that are reported of, and whose they are."""
    ids = [event.report.payment_id for event in events if event.report]
    return {row.id: row for row in await connection.execute(OWNERS_OF_PAYMENTS, {"ids": ids})} if ids else {}


async def _lock_payments(connection: AsyncConnection, known: Mapping[UUID, Row[Any]]) -> dict[UUID, Payment]:
    """Those that are free, and whose owners are."""
    if not known:
        return {}
    owners = await lock_owners(connection, {row.owner_id for row in known.values()}, waits=False)
    return await lock_payments(connection, [id for id, row in known.items() if row.owner_id in owners], waits=False)


def _outcome_of(event: ReceivedEvent, known: Mapping[UUID, Row[Any]], payments: Mapping[UUID, Payment]) -> Outcome:
    """No provider reports of what is at another."""
    if event.problem or event.report is None:
        return Outcome(event, event.is_irrelevant, event.problem, event.detail)
    id = event.report.payment_id
    if id not in known or known[id].provider != event.provider:
        return Outcome(event, problem=WebhookProblem.unknown_payment, detail=str(id))
    return Outcome(event, is_done=id in payments)


async def _store(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> dict[UUID, Outcome]:
    """Those that did not come before, by their ids.

    Two processes store in the same order, so that they never wait for each other.
    """
    moment = await now(connection)
    ordered = sorted(outcomes, key=lambda each: (each.event.provider, each.event.event_id))
    given = {uuid7(): each for each in ordered}
    new = await insert_new_rows(connection, EVENTS, [_row(id, each, moment) for id, each in given.items()])
    return {id: each for id, each in given.items() if id in new}


async def _leave_to_jobs(connection: AsyncConnection, new: Mapping[UUID, Outcome]) -> None:
    await publish(connection, *(WebhookReceived(id) for id, each in new.items() if each.is_left))


def _row(id: UUID, outcome: Outcome, moment: datetime) -> dict[str, Any]:
    event = outcome.event
    return {
        "id": id,
        "provider": event.provider,
        "event_id": event.event_id,
        "payload": event.payload,
        "body": event.body,
        "handled_at": moment if outcome.is_done else None,
        "problem": outcome.problem,
        "detail": outcome.detail,
    }
