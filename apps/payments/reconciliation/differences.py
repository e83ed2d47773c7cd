"""What does not agree is kept: found again it is the same row, and it says when it is gone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.db.database import now
from apps.core.db.locks import lock_out_others
from apps.core.db.repositories import LockingRepository
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.providers import TransactionKind
from apps.payments.reconciliation.comparing import Compared
from apps.payments.reconciliation.models import Difference

IS_OPEN = and_(Difference.gone_at.is_(None), Difference.dismissed_at.is_(None))
Known = dict[tuple[TransactionKind, str], Difference]


class NoDifference(AppError):
    status = 409
    type = "no-difference"
    message = _("This difference is gone or dismissed already.")


class DifferenceRepository(LockingRepository[Difference]):
    model_type = Difference


async def keep(
    session: AsyncSession, provider: str, found: Sequence[Compared], *, start: datetime, end: datetime, began: datetime
) -> None:
    """What was found of the time from `start` to `end`, by a comparison that `began` then. One at a time is kept."""
    await lock_out_others(await session.connection(), [f"reconcile:{provider}"])
    moment = await now(session)
    known = await _known(session, provider, found)
    for each in found:
        difference = known.get((each.kind, each.reference))
        if difference is None or _has_changed(difference, each):
            difference = await _write(session, difference, provider, each, moment)
        difference.found_at = moment
    await session.flush()
    gone = select(Difference).where(
        Difference.provider == provider,
        Difference.happened_at >= start,
        Difference.happened_at < end,
        Difference.found_at < began,
        Difference.gone_at.is_(None),
    )
    for difference in await session.scalars(gone):
        difference.gone_at = moment
        record(session, "payments.difference_gone", difference)


async def dismiss(session: AsyncSession, difference: Difference, *, note: str, actor: str) -> None:
    """The locked one may stay as it is. Raises NoDifference."""
    if difference.gone_at or difference.dismissed_at:
        raise NoDifference
    difference.dismissed_at, difference.note = await now(session), note
    record(session, "payments.dismiss_difference", difference, actor=actor, after={"note": note})


async def _known(session: AsyncSession, provider: str, found: Sequence[Compared]) -> Known:
    keys = [(each.kind, each.reference) for each in found]
    rows = select(Difference).where(
        Difference.provider == provider, tuple_(Difference.kind, Difference.reference).in_(keys)
    )
    return {(each.kind, each.reference): each for each in await session.scalars(rows)}


def _has_changed(difference: Difference, found: Compared) -> bool:
    was = (difference.problem, difference.here, difference.there, difference.currency)
    return difference.gone_at is not None or was != (found.problem, found.here, found.there, found.currency)


async def _write(
    session: AsyncSession, known: Difference | None, provider: str, found: Compared, moment: datetime
) -> Difference:
    """What was dismissed as another difference is open again."""
    difference = known or Difference(provider=provider, kind=found.kind, reference=found.reference, found_at=moment)
    told = {"problem": found.problem, "here": found.here, "there": found.there, "currency": found.currency}
    for name, value in told.items():
        setattr(difference, name, value)
    difference.happened_at, difference.payment_id = found.moment, found.payment_id
    difference.gone_at = difference.dismissed_at = None
    session.add(difference)
    await session.flush()
    record(session, "payments.difference", difference, after=told)
    return difference
