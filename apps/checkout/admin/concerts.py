"""What orders add to a concert's page: the refunds of its tickets, when it was called off."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.usual_verbs import locked
from apps.backoffice.verbs import Verb
from apps.checkout.permissions import OrderPermission
from apps.checkout.refund_tickets import refund_all_tickets, ticket_refunds
from apps.concerts.admin import ConcertAdmin
from apps.concerts.models import Concert, ConcertState
from apps.concerts.repositories import ConcertRepository
from apps.core.i18n import lazy as _
from apps.core.money import format_money


def is_called_off(concert: Concert) -> bool:
    return concert.state is ConcertState.cancelled


REFUND_TICKETS = Verb(
    name="refund-tickets",
    title=_("Refund all tickets"),
    question=_(
        "Shall everybody get their money for the tickets back? What else is in the orders stays with the buyers."
    ),
    done=_("The refunds are on their way. Here you see how far they are."),
    permission=OrderPermission.ORDERS_REFUND,
    run=locked(ConcertRepository, refund_all_tickets),
    applies=is_called_off,
    is_dangerous=True,
)


class ConcertWithOrdersAdmin(ConcertAdmin):
    verbs: ClassVar[Sequence[Verb]] = (*ConcertAdmin.verbs, REFUND_TICKETS)

    async def panels(self, session: AsyncSession, row: Concert, request: Request) -> Sequence[Panel]:
        panels = await super().panels(session, row, request)
        return [await _refunds(session, row, request), *panels] if is_called_off(row) else panels


async def _refunds(session: AsyncSession, concert: Concert, request: Request) -> Panel:
    locale = locale_of(request)
    return Panel(
        title=_("Refunds of the tickets"),
        columns=[_("Orders to refund"), _("Still to be refunded"), _("Orders refunded"), _("Refunded")],
        rows=[
            [
                each.orders_left,
                format_money(each.amount_left, each.currency, locale=locale),
                each.orders_refunded,
                format_money(each.amount_refunded, each.currency, locale=locale),
            ]
            for each in (await ticket_refunds(session, concert.id)).currencies
        ],
        empty=_("Nobody has ordered tickets yet."),
    )
