"""What buyers are written about their orders, in the language they ordered in."""

from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from apps.checkout.parcels import parcel_with
from apps.checkout.show import show_order
from apps.core.db.database import Database
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import render
from apps.mail.services import Letter, send
from apps.orders.repositories import ORDERS, refunded_pieces
from apps.payments.models import Refund
from project.settings import settings


class OrderMail(StrEnum):
    delivered = "delivered"
    refunded = "refunded"
    payment_returned = "payment_returned"
    parcel_sent = "parcel_sent"


SUBJECTS: dict[OrderMail, Lazy] = {
    OrderMail.delivered: _("Your order {number} from {band}"),
    OrderMail.refunded: _("Your refund for order {number} from {band}"),
    OrderMail.payment_returned: _("Your payment for order {number} from {band} goes back"),
    OrderMail.parcel_sent: _("Your parcel for order {number} from {band} is on its way"),
}


async def mail_order(db: Database, kind: OrderMail, order_id: UUID, *, about: UUID | None = None) -> None:
    """One mail for each kind and order, or what of the order it is `about`: a refund, a line that is in the parcel."""
    await send(db, await _letter(db, kind, order_id, about=about))


async def mail_order_again(db: Database, order_id: UUID, *, to: str, key: UUID) -> None:
    """What was mailed when it was delivered, once for each `key`."""
    letter = await _letter(db, OrderMail.delivered, order_id, about=None)
    await send(db, replace(letter, key=f"order-again:{key}", to=to))


async def _letter(db: Database, kind: OrderMail, order_id: UUID, *, about: UUID | None) -> Letter:
    """Codes and links are made anew from the rows."""
    async with db.reads() as connection:
        row = (await connection.execute(select(ORDERS).where(ORDERS.c.id == order_id))).mappings().one()
        order = await show_order(connection, row)
        amount = (await connection.execute(select(Refund.amount).where(Refund.id == about))).scalar()
        pieces = await refunded_pieces(connection, about) if about else {}
    locale = row["locale"]
    words = {"order": order, "amount": amount, "band": settings.band_name, "address": row["address"]}
    words["parcel"] = parcel_with(order, about)
    words["refunded"] = [(pieces[line.id], line.title) for line in order.lines if line.id in pieces]
    return Letter(
        key=f"order-{kind}:{about or order_id}",
        owner_id=order_id,
        to=order.email,
        subject=SUBJECTS[kind].in_locale(locale).format(number=order.number, band=settings.band_name),
        text=render(f"checkout/mail/{kind}.txt", locale, words),
        html=render(f"checkout/mail/{kind}.html", locale, words),
    )
