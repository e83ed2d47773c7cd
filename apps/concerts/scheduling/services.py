"""Moves a concert through its states. Each function takes the concert's lock, and a repeat changes nothing.

A ticket can be bought while its offer is active and its sale window open: these functions set both.
"""

from datetime import datetime

from sqlalchemy import Update, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.events import ConcertCancelled, ConcertStateChanged
from apps.concerts.models import Concert, ConcertState, TicketType
from apps.concerts.scheduling.notices import expect_change
from apps.core.audit import SYSTEM, assign, record
from apps.core.db.archive import archive, refuse_archived, restore
from apps.core.db.database import now
from apps.core.db.states import WrongState
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.orders.models import Offer


class NothingToSell(AppError):
    status = 409
    type = "nothing-to-sell"
    message = _("Add a ticket type before the concert goes on sale.")


class WrongConcertState(WrongState):
    """`state`: the concert's."""

    type = "concert-state"
    message = _("This concert is {state}: that cannot be done with it.")
    names = {
        ConcertState.draft: _("a draft"),
        ConcertState.announced: _("announced"),
        ConcertState.on_sale: _("on sale"),
        ConcertState.postponed: _("postponed"),
        ConcertState.cancelled: _("cancelled"),
    }


class SaleBeginsLater(AppError):
    """`offer`: the ticket type."""

    status = 409
    type = "sale-begins-later"
    message = _("“{title}” goes on sale only after the new date. Change its sale window first.")


class StillToCome(AppError):
    status = 409
    type = "concert-still-to-come"
    message = _("This concert is still to come. Cancel it first, or wait until it is over.")


async def announce(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """Draft or postponed → announced. What is on sale was announced before, and stays on sale."""
    await _lock(session, concert)
    if concert.state is not ConcertState.on_sale:
        await _move(session, concert, ConcertState.announced, action="announce", actor=actor)


async def put_on_sale(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """Announced or postponed → on sale, with all its ticket types. Raises NothingToSell when it has none."""
    await _lock(session, concert)
    types = select(TicketType.id).where(TicketType.concert_id == concert.id, TicketType.archived_at.is_(None))
    if concert.may_move(ConcertState.on_sale) and await session.scalar(types.limit(1)) is None:
        raise NothingToSell
    await _move(session, concert, ConcertState.on_sale, action="put_on_sale", actor=actor)


async def stop_sale(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """On sale → announced. Carts keep what they hold until it runs out, but cannot be checked out."""
    await _lock(session, concert)
    if concert.state not in (ConcertState.on_sale, ConcertState.announced):
        raise WrongConcertState(state=concert.state)
    await _move(session, concert, ConcertState.announced, action="stop_sale", actor=actor)


async def postpone(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """The sale stops; tickets stay valid for the new date, whenever it is set."""
    await _lock(session, concert)
    await _move(session, concert, ConcertState.postponed, action="postpone", actor=actor)


async def cancel(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """Cancelled for good. Tickets stay on record: the money goes back by refunds of their orders.

    Who hears of it ends the orders that are not paid yet, and tells the holders of tickets.
    """
    await _lock(session, concert)
    if await _move(session, concert, ConcertState.cancelled, action="cancel", actor=actor):
        await publish(session, ConcertCancelled(concert.id))


async def archive_concert(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    """Raises StillToCome for one that is announced or sold, and not over."""
    await _lock(session, concert)
    is_over = concert.starts_at < await now(session)
    if not is_over and concert.state not in (ConcertState.draft, ConcertState.cancelled):
        raise StillToCome
    await archive(session, concert, action="concerts.archive", actor=actor)
    await _offers_follow(session, concert)


async def restore_concert(session: AsyncSession, concert: Concert, *, actor: str = SYSTEM) -> None:
    await _lock(session, concert)
    await restore(session, concert, action="concerts.restore", actor=actor)
    await _offers_follow(session, concert)


async def move_sales(session: AsyncSession, concert: Concert, starts_at: datetime, *, actor: str) -> None:
    """Before the concert moves: sales that end at its start will end at the new one.

    Raises SaleBeginsLater, and has changed nothing then, rather than open a sale sooner than anybody meant it.
    """
    if starts_at == concert.starts_at:
        return
    ending = select(TicketType).where(TicketType.concert_id == concert.id, TicketType.sale_until == concert.starts_at)
    moved = (await session.scalars(ending)).all()
    for each in moved:
        if each.sale_from and each.sale_from >= starts_at:
            raise SaleBeginsLater(offer=each.id, title=each.title)
    for each in moved:
        before, after = assign(each, {"sale_until": starts_at})
        record(session, "concerts.change_ticket_type", each, actor=actor, before=before, after=after)


def is_selling(concert: Concert) -> bool:
    """Whether the ticket types of the concert that are not archived can be bought."""
    return concert.state is ConcertState.on_sale and concert.archived_at is None


async def _lock(session: AsyncSession, concert: Concert) -> None:
    await session.refresh(
        concert, ["state", "archived_at", "starts_at", "venue_id"], with_for_update={"key_share": True}
    )


async def _move(session: AsyncSession, concert: Concert, to: ConcertState, *, action: str, actor: str) -> bool:
    """False when it is there already."""
    if concert.state == to:
        return False
    refuse_archived(concert)
    if not concert.may_move(to):
        raise WrongConcertState(state=concert.state)
    await expect_change(session, concert, {"state": to})
    before = concert.state
    concert.move(to)
    await _offers_follow(session, concert)
    record(session, f"concerts.{action}", concert, actor=actor, before={"state": before}, after={"state": to})
    await session.flush()
    await publish(session, ConcertStateChanged(concert.id, before, to))
    return True


async def _offers_follow(session: AsyncSession, concert: Concert) -> None:
    active = Offer.archived_at.is_(None) if is_selling(concert) else False
    await session.execute(_offers_of(concert).values(active=active))


def _offers_of(concert: Concert) -> Update:
    types = select(TicketType.offer_id).where(TicketType.concert_id == concert.id)
    return update(Offer).where(Offer.id.in_(types)).execution_options(synchronize_session="fetch")
