"""What providers report by webhook: signed, stored and applied. What cannot be is parked for a person.

receive (the call: verified without a transaction) → webhook_queue (one for many calls) → apply_reports.
understand (a job): what could not be done there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.http.json_body import is_plain
from apps.core.text.i18n import lazy as _
from apps.payments.apply_reports import apply_report
from apps.payments.disputes import apply_dispute
from apps.payments.events import WebhookReceived
from apps.payments.inbox.webhook_queue import ReceivedEvent, WebhookQueue, store
from apps.payments.models import Payment, Refund, WebhookEvent, WebhookProblem
from apps.payments.providers import (
    DisputeReport,
    Meaning,
    NotUnderstood,
    OwnRefundReport,
    Provider,
    RefundReport,
    Report,
    Webhook,
    WebhookCall,
    provider_named,
)
from apps.payments.refunds import apply_refund_report
from apps.payments.repositories import PaymentRepository, WebhookRepository

log = structlog.get_logger(__name__)
LONGEST_DETAIL = 200


class NotParked(AppError):
    status = 409
    type = "report-not-parked"
    message = _("This report has already been handled.")


async def receive(db: Database, queue: WebhookQueue, provider: str, call: WebhookCall) -> None:
    """Store a webhook's events and do what they say; one that came before changes nothing.

    The signature is looked at before anything else, and before a transaction begins: a provider may be asked whether
    the call is its own. Who has signed gets no error, whatever the body is: sending it again would not mend it.
    Raises ProviderUnknown, BadSignature; ProviderDown, after which the provider calls again.
    """
    named = provider_named(provider)
    events = _read(named, await named.verify(call))
    try:
        await queue.submit(events)
    except AppError:
        raise
    except Exception:
        log.exception("payments.webhook_left_to_jobs", provider=provider)
        async with db.transaction() as connection:
            await store(connection, events)


@contextmanager
def reading() -> Iterator[None]:
    """A reader that trips over something would trip over it again."""
    try:
        yield
    except (LookupError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise NotUnderstood(WebhookProblem.unreadable, str(error)) from error


def _read(provider: Provider, body: bytes) -> list[ReceivedEvent]:
    """What cannot be read is kept as it came; the same body again is the same event."""
    try:
        return [_received(provider, event) for event in _events_in(provider, body)]
    except NotUnderstood as reason:
        return [_parked_event(provider, f"body:{sha256(body).hexdigest()}", {}, reason, body=body)]


def _events_in(provider: Provider, body: bytes) -> Sequence[Webhook]:
    with reading():
        events = provider.read(body) if is_plain(body) else None
    if events is None:
        raise NotUnderstood(WebhookProblem.unreadable)
    return events


def _received(provider: Provider, event: Webhook) -> ReceivedEvent:
    try:
        with reading():
            meaning = provider.understand(event.payload)
    except NotUnderstood as reason:
        return _parked_event(provider, event.event_id, event.payload, reason)
    report = meaning if isinstance(meaning, Report) else None
    return ReceivedEvent(provider.name, event.event_id, event.payload, report=report, is_irrelevant=meaning is None)


def _parked_event(
    provider: Provider, event_id: str, payload: dict[str, Any], reason: NotUnderstood, *, body: bytes | None = None
) -> ReceivedEvent:
    log.error("payments.webhook_parked", provider=provider.name, event_id=event_id, problem=reason.problem)
    detail = reason.detail[:LONGEST_DETAIL]
    return ReceivedEvent(provider.name, event_id, payload, body, problem=reason.problem, detail=detail)


async def understand(session: AsyncSession, event_id: UUID) -> None:
    """Apply a stored event; a second run finds it handled, or parked."""
    event = await WebhookRepository(session=session).lock(event_id)
    if event.handled_at is not None or event.problem is not None:
        return
    try:
        await _apply(session, event)
    except NotUnderstood as reason:
        log.error("payments.webhook_parked", event_id=str(event.id), problem=reason.problem)
        event.problem, event.detail = reason.problem, reason.detail[:LONGEST_DETAIL]
    else:
        event.handled_at = await now(session)


async def _apply(session: AsyncSession, event: WebhookEvent) -> None:
    """Nothing is changed when it raises NotUnderstood."""
    provider = provider_named(event.provider)
    if event.body is not None:
        await store(
            await session.connection(), [_received(provider, each) for each in _events_in(provider, event.body)]
        )
        return
    with reading():
        meaning = provider.understand(event.payload)
    await _apply_meaning(session, provider, meaning)


async def _apply_meaning(session: AsyncSession, provider: Provider, meaning: Meaning | None) -> None:
    match meaning:
        case Report() as report:
            if not await _is_payment_of(session, provider, Payment.id == report.payment_id):
                raise NotUnderstood(WebhookProblem.unknown_payment, str(report.payment_id))
            await apply_report(session, report)
        case RefundReport() as report:
            of_it = select(Refund.payment_id).where(Refund.id == report.refund_id).scalar_subquery()
            if not await _is_payment_of(session, provider, Payment.id == of_it):
                raise NotUnderstood(WebhookProblem.unknown_refund, str(report.refund_id))
            await apply_refund_report(session, report)
        case DisputeReport() as report:
            payment = await _charged(session, provider, report.charge_reference)
            if payment is None:
                raise NotUnderstood(WebhookProblem.unknown_payment, f"{report.reference} of {report.charge_reference}")
            await apply_dispute(session, payment, report)
        case OwnRefundReport() as report if await _charged(session, provider, report.charge_reference):
            told = f"{report.reference} of {report.charge_reference}: {report.amount} {report.currency}"
            raise NotUnderstood(WebhookProblem.unknown_refund, told)


async def _charged(session: AsyncSession, provider: Provider, charge_reference: str) -> Payment | None:
    """The payment, locked, that the provider knows its money by; the provider may serve others beside us."""
    where = (Payment.provider == provider.name, Payment.charge_reference == charge_reference)
    return await PaymentRepository(session=session).lock_one(*where)


async def _is_payment_of(session: AsyncSession, provider: Provider, which: Any) -> bool:
    """No provider reports of what is at another."""
    return bool(await session.scalar(select(exists().where(which, Payment.provider == provider.name))))


async def try_again(session: AsyncSession, event_id: UUID, *, actor: str) -> None:
    """A parked event is understood anew, by today's code and rows. Raises NotFound, NotParked."""
    event = await _parked(session, event_id)
    _record(session, "payments.retry_report", event, actor)
    event.problem, event.detail = None, ""
    await publish(session, WebhookReceived(event.id))


async def dismiss(session: AsyncSession, event_id: UUID, *, actor: str) -> None:
    """Nobody has to see to it any more. Raises NotFound, NotParked."""
    event = await _parked(session, event_id)
    _record(session, "payments.dismiss_report", event, actor)
    event.handled_at = await now(session)


async def _parked(session: AsyncSession, event_id: UUID) -> WebhookEvent:
    event = await WebhookRepository(session=session).find_locked(event_id)
    if event.handled_at is not None:
        raise NotParked
    return event


def _record(session: AsyncSession, action: str, event: WebhookEvent, actor: str) -> None:
    told = {"provider": event.provider, "event": event.event_id, "problem": event.problem, "detail": event.detail}
    record(session, action, event, actor=actor, before=told)
