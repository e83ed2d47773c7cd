"""What an offer costs at this moment: its price, or the reduced one while that is in force, by the database's clock."""

from sqlalchemy import ColumnElement, and_, case, func, or_

from apps.orders.models import OfferPrice

PRICES = OfferPrice.table()
MOMENT = func.statement_timestamp()
IS_REDUCED: ColumnElement[bool] = and_(
    PRICES.c.reduced < PRICES.c.amount,
    or_(PRICES.c.reduced_from.is_(None), PRICES.c.reduced_from <= MOMENT),
    or_(PRICES.c.reduced_until.is_(None), PRICES.c.reduced_until > MOMENT),
)
AMOUNT: ColumnElement[int] = case((IS_REDUCED, PRICES.c.reduced), else_=PRICES.c.amount)
COMPARE_AT: ColumnElement[int | None] = case((IS_REDUCED, PRICES.c.reduced_compare_at), else_=PRICES.c.compare_at)
MEMBER_AMOUNT: ColumnElement[int | None] = case((PRICES.c.member_amount < AMOUNT, PRICES.c.member_amount))
"""What members pay, where that is less."""
MINIMUM: ColumnElement[int | None] = case((PRICES.c.minimum > AMOUNT, AMOUNT), else_=PRICES.c.minimum)
"""No more than it costs."""
