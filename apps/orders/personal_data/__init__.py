"""What orders hold about a person. For the books there stay amounts, dates, what was bought, country and region."""

from sqlalchemy import ColumnElement, and_, or_, select

from apps.core.privacy.holdings import OpenMatter, Rows
from apps.core.privacy.person import NOBODY, Person
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderRefund, OrderRefundLine, OrderResend, OrderState
from apps.orders.personal_data.blanks import NEW_NONCE, without_person
from apps.orders.repositories import CART_LINES, CARTS, ORDER_LINES, ORDERS

ORDER_REFUNDS, REFUND_LINES, RESENDS = OrderRefund.table(), OrderRefundLine.table(), OrderResend.table()


def _orders(person: Person) -> ColumnElement[bool]:
    """Placed while signed in, and as a guest with the address that was confirmed; or known by now."""
    as_guest = and_(ORDERS.c.user_id.is_(None), person.has_address(ORDERS.c.email))
    return or_(ORDERS.c.user_id == person.user_id, as_guest, person.has(ORDERS.c.id))


def _is_open(person: Person) -> ColumnElement[bool]:
    undelivered = and_(ORDERS.c.state == OrderState.paid, ORDERS.c.delivered_at.is_(None))
    return select(ORDERS.c.id).where(_orders(person), or_(ORDERS.c.state == OrderState.pending, undelivered)).exists()


HELD = (
    Rows(
        table=CARTS,
        title=_("Carts"),
        theirs=lambda person: or_(CARTS.c.user_id == person.user_id, person.has(CARTS.c.id)),
        leads_to=("id",),
    ),
    Rows(
        table=CART_LINES,
        title=_("Lines of carts"),
        theirs=lambda person: person.has(CART_LINES.c.cart_id),
    ),
    Rows(
        table=ORDERS,
        title=_("Orders"),
        theirs=_orders,
        hidden=("nonce",),
        leads_to=("id", "cart_id"),
        words=("number",),
        erased={
            "user_id": None,
            "email": NOBODY,
            "name": "",
            "address": without_person(ORDERS.c.address),
            "nonce": NEW_NONCE,
        },
        kept={"number": "names the order in the books"},
    ),
    Rows(
        table=ORDER_LINES,
        title=_("What you ordered"),
        theirs=lambda person: person.has(ORDER_LINES.c.order_id),
        hidden=("translations",),
        erased={},
        kept={"title": "what was sold", "translations": "what was sold", "kind": "what was sold"},
    ),
    Rows(
        table=ORDER_REFUNDS,
        title=_("Refunds of orders"),
        theirs=lambda person: person.has(ORDER_REFUNDS.c.order_id),
        leads_to=("id",),
        erased={"reason": ""},
        kept={"key": "keeps money from going back twice; ids alone", "actor": "an id"},
    ),
    Rows(
        table=REFUND_LINES,
        title=_("What was refunded"),
        theirs=lambda person: person.has(REFUND_LINES.c.order_refund_id),
        erased={},
    ),
    Rows(
        table=RESENDS,
        title=_("Mails about orders that were sent again"),
        theirs=lambda person: person.has(RESENDS.c.order_id),
        erased={"recipient": NOBODY},
    ),
)
OPEN = (OpenMatter(_("An order is still open."), _is_open),)
