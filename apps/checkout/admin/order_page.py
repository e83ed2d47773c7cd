"""All there is about one order, for the page of its details."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.auth.page_access import may_open
from apps.backoffice.fields import LANGUAGES
from apps.backoffice.formats import NOTHING, badge, clock, link_of, money_in
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import PATH, list_url, row_url
from apps.checkout.staff_schemas import OrderStaffOut
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.postal import address_text
from apps.mail.models import Mail
from apps.orders.kinds.fulfilment import fulfilments, parents_of
from apps.orders.models import OrderDispute
from apps.payments.admin.payments import payment_state
from apps.payments.books.models import Transfer
from apps.payments.books.names import ACCOUNTS, CAUSES, PHASES
from apps.payments.books.staff_reads import add_status
from apps.payments.names import REFUND_STATES
from project.settings import settings

WHEN, STATE, AMOUNT, PIECES, WHAT = _("When"), _("Status"), _("Amount"), _("Quantity"), _("What")
NOTHING_YET = _("Nothing yet.")
DISPUTES_IN_WORDS: Mapping[OrderDispute, Lazy] = {
    OrderDispute.open: _("The bank is deciding. Tickets are not valid, and no parcel is sent."),
    OrderDispute.lost: _("Lost: the bank has returned the money. Take back what the order holds."),
}
Fact = tuple[Lazy, Any]


async def mails_about(session: AsyncSession, order_id: UUID) -> Sequence[Mail]:
    found = select(Mail).where(Mail.owner_id == order_id).order_by(Mail.created_at, Mail.id)
    return (await session.scalars(found)).all()


async def entries_of(session: AsyncSession, order_id: UUID, request: Request) -> Sequence[Transfer]:
    """In the books, for who may see them."""
    if not may_open(request, list_url("transfer")):
        return ()
    found = select(Transfer).where(Transfer.owner_id == order_id).order_by(Transfer.id)
    entries = (await session.scalars(found)).all()
    await add_status(session, entries)
    return entries


async def urls_of(session: AsyncSession, order: OrderStaffOut) -> dict[UUID, str]:
    """Where the product or concert of each offer is looked at."""
    parents = await parents_of(session, order.lines)
    return {offer: f"{PATH}/{parent}/details/{id}" for offer, (parent, id) in parents.items()}


class OrderPage:
    """As one reader sees it."""

    def __init__(
        self,
        order: OrderStaffOut,
        mails: Sequence[Mail],
        entries: Sequence[Transfer],
        urls: Mapping[UUID, str],
        request: Request,
    ) -> None:
        self.order, self.mails, self.entries, self.urls, self.request = order, mails, entries, urls, request
        self.locale = locale_of(request)

    def customer(self) -> Iterator[Fact]:
        yield _("Name"), self.order.name or NOTHING
        yield _("Email"), Markup('<a href="mailto:{0}">{0}</a>').format(self.order.email)
        yield _("Address"), self._address()
        yield _("Language"), LANGUAGES[self.order.locale]
        yield _("Account"), self._account()

    def money(self) -> Iterator[Fact]:
        order = self.order
        yield _("Subtotal"), self._money(order.subtotal)
        yield _("Shipping"), self._money(order.shipping)
        yield _("Total"), self._money(order.total)
        yield _("Tax included"), self._money(order.tax)
        yield _("Refunded"), self._money(order.refunded)
        if order.dispute:
            yield _("Dispute"), DISPUTES_IN_WORDS[order.dispute]

    def times(self) -> Iterator[Fact]:
        order = self.order
        yield _("Placed"), self._clock(order.placed_at)
        if order.paid_at:
            yield _("Paid"), self._clock(order.paid_at)
        else:
            yield _("Pay by"), self._clock(order.pay_until)

    def panels(self) -> Iterator[Panel]:
        """Those that have something to say."""
        yield self._lines()
        panels = (*self._parts(), self._payments(), self._refunds(), self._entries(), self._mails())
        yield from (panel for panel in panels if panel.rows)

    def _lines(self) -> Panel:
        rows = [
            [
                self._title(line.offer, line.title),
                str(line.quantity),
                self._money(line.unit_price),
                self._money(line.total),
                str(line.refunded_quantity or NOTHING),
            ]
            for line in self.order.lines
        ]
        columns = [WHAT, PIECES, _("Price"), _("Total"), _("Refunded")]
        return _panel(_("Items"), columns, rows)

    def _parts(self) -> Iterator[Panel]:
        for kind in fulfilments():
            if parts := kind.own(self.order.parts):
                yield from kind.extension.panels(parts, self.request)

    def _payments(self) -> Panel:
        money = money_in("currency")
        rows = [
            [
                self._clock(each.created_at),
                link_of(row_url("payment", each), each.provider, self.request),
                money(each, "amount", self.request),
                money(each, "captured", self.request),
                payment_state(each, "state", self.request),
            ]
            for each in self.order.payments
        ]
        return _panel(_("Payments"), [WHEN, _("Provider"), AMOUNT, _("Received"), STATE], rows)

    def _refunds(self) -> Panel:
        rows = [
            [
                self._clock(each.created_at),
                self._money(each.amount),
                each.reason,
                badge(REFUND_STATES)(each, "state", self.request),
            ]
            for each in self.order.refunds
        ]
        return _panel(_("Refunded"), [WHEN, AMOUNT, _("Reason"), STATE], rows)

    def _entries(self) -> Panel:
        money = money_in("currency")
        rows = [
            [
                link_of(row_url("transfer", each), CAUSES[each.cause].in_locale(self.locale), self.request),
                ACCOUNTS[each.debit_account],
                ACCOUNTS[each.credit_account],
                money(each, "amount", self.request),
                badge(PHASES)(each, "status", self.request),
            ]
            for each in self.entries
        ]
        return _panel(_("Books"), [WHAT, _("Debit"), _("Credit"), AMOUNT, STATE], rows)

    def _mails(self) -> Panel:
        rows = [
            [self._clock(each.sent_at) if each.sent_at else _("Not sent yet"), each.recipient, each.subject]
            for each in self.mails
        ]
        return _panel(_("Emails"), [WHEN, _("To"), _("Subject")], rows)

    def _title(self, offer: UUID, title: str) -> Any:
        url = self.urls.get(offer)
        return link_of(url, title, self.request) if url else title

    def _address(self) -> Any:
        parts = self.order.address
        if not parts:
            return _("None (pick-up)")
        return address_text(parts, self.locale)

    def _account(self) -> Any:
        if self.order.user is None:
            return _("Ordered as a guest")
        text = _("Ordered with an account").in_locale(self.locale)
        return link_of(f"{PATH}/user/details/{self.order.user}", text, self.request)

    def _money(self, amount: int) -> str:
        return format_money(amount, self.order.currency, locale=self.locale)

    def _clock(self, moment: Any) -> Markup:
        return clock(moment, settings.time_zone, self.locale)


def _panel(title: Lazy, columns: Sequence[Lazy], rows: Sequence[Sequence[Any]]) -> Panel:
    return Panel(title=title, columns=columns, rows=rows, empty=NOTHING_YET)
