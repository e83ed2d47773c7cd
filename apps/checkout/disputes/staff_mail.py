"""Who sees to payments is mailed when a dispute holds an order up, and how it ended."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import User
from apps.accounts.repositories import users_who_may
from apps.backoffice.urls import details_url
from apps.core.db.database import Database
from apps.core.jobs import Lane, enqueue, job
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import render
from apps.mail.services import Letter, send
from apps.orders.models import Order, OrderDispute
from apps.payments.permissions import PaymentPermission
from project.settings import settings

WON = "won"
SUBJECTS: Mapping[str, Lazy] = {
    OrderDispute.open: _("Order {number} of {band} is disputed"),
    OrderDispute.lost: _("The dispute about order {number} of {band} is lost"),
    WON: _("The dispute about order {number} of {band} is won"),
}
FOLLOWS: Mapping[str, Lazy] = {
    OrderDispute.open: _(
        "The customer has asked their bank for the money back. Until the bank has decided, the tickets are not valid "
        "and no parcel is sent. Answer at the payment provider, by the date that it names there."
    ),
    OrderDispute.lost: _(
        "The bank has returned the money to the customer. The tickets are not valid and no parcel is sent. Take back "
        "what the order holds, so that it can be sold again."
    ),
    WON: _("The money stays with you. The tickets are valid again, and parcels can be sent. Nothing else is to do."),
}


async def tell_staff(session: AsyncSession, order: Order) -> None:
    """Once of each change: the key stands in the jobs."""
    told, key = order.dispute or WON, uuid7()
    found = await users_who_may(session, PaymentPermission.PAYMENTS_ATTEND)
    await enqueue(
        session, *(mail_dispute.call(order_id=order.id, user_id=each.id, told=told, key=key) for each in found)
    )


@job("checkout.mail_dispute", lane=Lane.mail)
async def mail_dispute(db: Database, *, order_id: UUID, user_id: UUID, told: str, key: UUID) -> None:
    async with db.begin() as session:
        user, order = await session.get(User, user_id), await session.get(Order, order_id)
    if user and order:
        await send(db, _letter(user, order, told, key))


def _letter(user: User, order: Order, told: str, key: UUID) -> Letter:
    words = {
        "name": user.name or user.email,
        "number": order.number,
        "follows": FOLLOWS[told].in_locale(user.locale),
        "band": settings.band_name,
        "url": settings.base_url + details_url("order", order.id, lang=user.locale),
    }
    return Letter(
        key=f"order-dispute:{key}:{user.id}",
        owner_id=user.id,
        to=user.email,
        subject=SUBJECTS[told].in_locale(user.locale).format(number=order.number, band=settings.band_name),
        text=render("checkout/mail/dispute.txt", user.locale, words),
        html=render("checkout/mail/dispute.html", user.locale, words),
    )
