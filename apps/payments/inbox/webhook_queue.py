"""Providers' events, taken in batches (core/db/batching.py): stored, applied, and all that follows, in one transaction.

What needs more than that, or what others keep locked, is stored with a job that understands it: webhooks.understand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.db.batching import Batcher
from apps.core.db.bulk import insert_new_rows
from apps.core.db.database import Database, now
from apps.core.events import publish
from apps.payments.apply_reports import OWNERS, apply_reports, lock_payments
from apps.payments.events import WebhookReceived
from apps.payments.models import Payment, WebhookEvent, WebhookProblem
from apps.payments.owners import lock_owners
from apps.payments.providers import Report

log = structlog.get_logger(__name__)
EVENTS = WebhookEvent.table()


@dataclass(slots=True)
class TakenEvent:
    """An event as it is stored. `report`: what it says of a payment; `is_done`: nothing is left to do about it."""

    provider: str
    event_id: str
    payload: dict[str, Any]
    body: bytes | None = None
    report: Report | None = None
    is_done: bool = False
    problem: WebhookProblem | None = None
    detail: str = ""

    def park(self, problem: WebhookProblem, detail: str) -> None:
        self.problem, self.detail = problem, detail


Taken = Sequence[TakenEvent]
"""The events of one call."""
WebhookQueue = Batcher[Taken, bool]


def open_webhook_queue(db: Database) -> WebhookQueue:
    return Batcher(db.transaction, take)


async def take(connection: AsyncConnection, calls: Sequence[Taken]) -> Sequence[bool]:
    """Nobody's lock is waited for."""
    events = [event for call in calls for event in call]
    payments = await _lock_payments(connection, events)
    new = await _store(connection, events, payments)
    reports = [event.report for event in new.values() if event.is_done and event.report]
    await apply_reports(connection, payments, reports, at_once=True)
    await _leave_to_jobs(connection, new)
    return [True] * len(calls)


async def store(connection: AsyncConnection, events: Taken) -> None:
    """For jobs to do."""
    await _leave_to_jobs(connection, await _store(connection, events, {}))


async def _lock_payments(connection: AsyncConnection, events: Sequence[TakenEvent]) -> dict[UUID, Payment]:
    """Those that are reported of, where they and their owners are free; what no provider may report of is parked."""
    reported = [(event, event.report) for event in events if event.report]
    if not reported:
        return {}
    rows = await connection.execute(OWNERS, {"ids": [report.payment_id for _event, report in reported]})
    known = {row.id: row for row in rows}
    for event, report in reported:
        if report.payment_id not in known or known[report.payment_id].provider != event.provider:
            event.park(WebhookProblem.unknown_payment, str(report.payment_id))
    owners = await lock_owners(connection, {row.owner_id for row in known.values()}, waits=False)
    return await lock_payments(connection, [id for id, row in known.items() if row.owner_id in owners], waits=False)


async def _store(
    connection: AsyncConnection, events: Sequence[TakenEvent], payments: dict[UUID, Payment]
) -> dict[UUID, TakenEvent]:
    """Those that did not come before, by their ids. Two processes store in the same order, so that neither waits for
    what the other stored and the other way round."""
    moment = await now(connection)
    given = {uuid7(): event for event in sorted(events, key=lambda each: (each.provider, each.event_id))}
    for event in events:
        event.is_done = event.problem is None and (
            event.is_done or (event.report is not None and event.report.payment_id in payments)
        )
    new = await insert_new_rows(connection, EVENTS, [_row(id, each, moment) for id, each in given.items()])
    return {id: given[id] for id in given if id in new}


async def _leave_to_jobs(connection: AsyncConnection, new: Mapping[UUID, TakenEvent]) -> None:
    left = (id for id, event in new.items() if not event.is_done and event.problem is None)
    await publish(connection, *(WebhookReceived(id) for id in left))


def _row(id: UUID, event: TakenEvent, moment: Any) -> dict[str, Any]:
    return {
        "id": id,
        "provider": event.provider,
        "event_id": event.event_id,
        "payload": event.payload,
        "body": event.body,
        "handled_at": moment if event.is_done else None,
        "problem": event.problem,
        "detail": event.detail,
    }
