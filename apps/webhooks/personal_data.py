"""What webhooks hold about a person: events about their orders, as they were sent. Who received them has their own."""

from sqlalchemy import ColumnElement, select

from apps.core.privacy.holdings import Rows
from apps.core.privacy.person import Person
from apps.core.text.i18n import lazy as _
from apps.webhooks.repositories import ATTEMPTS, DELIVERIES, MESSAGES


def _attempts(person: Person) -> ColumnElement[bool]:
    return ATTEMPTS.c.delivery_id.in_(select(DELIVERIES.c.id).where(person.has(DELIVERIES.c.thing)))


HELD = (
    Rows(
        table=MESSAGES,
        title=_("Events about your orders, for other programs"),
        theirs=lambda person: person.has(MESSAGES.c.thing),
    ),
    Rows(
        table=DELIVERIES,
        title=_("Deliveries of these events"),
        theirs=lambda person: person.has(DELIVERIES.c.thing),
        hidden=("endpoint_id",),
    ),
    Rows(
        table=ATTEMPTS,
        title=_("Attempts to deliver them"),
        theirs=_attempts,
    ),
)
