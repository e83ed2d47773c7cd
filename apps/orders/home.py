"""Orders on the first screen of the back office."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.orders.admin.orders import IS_LOST, WAITS_FOR_DELIVERY
from apps.orders.models import Order

QUESTIONS = (
    Question(
        rank=20,
        title=_("Paid orders not delivered"),
        found=select(Order.id).where(WAITS_FOR_DELIVERY),
        view="order",
        query={"attention": "undelivered"},
    ),
    Question(
        rank=25,
        title=_("Lost disputes: orders to take back"),
        found=select(Order.id).where(IS_LOST),
        view="order",
        query={"attention": "lost"},
    ),
)
