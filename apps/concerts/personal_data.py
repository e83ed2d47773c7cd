"""What concerts hold about a person: their tickets, which stay as places that were sold. Old codes open no door."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from apps.concerts.models import ConcertState, Ticket, TicketState
from apps.concerts.repositories import CONCERTS
from apps.core.privacy.holdings import OpenMatter, Rows
from apps.core.privacy.person import Person
from apps.core.text.i18n import lazy as _
from apps.orders.personal_data.blanks import NEW_NONCE

TICKETS = Ticket.table()
EVENING = timedelta(days=1)
"""After its beginning, until a concert is over everywhere."""


def _is_open(person: Person) -> ColumnElement[bool]:
    found = select(TICKETS.c.id).join(CONCERTS, CONCERTS.c.id == TICKETS.c.concert_id)
    to_come = (
        TICKETS.c.state == TicketState.valid,
        CONCERTS.c.state != ConcertState.cancelled,
        CONCERTS.c.starts_at > func.clock_timestamp() - EVENING,
    )
    return found.where(person.has(TICKETS.c.order_id), *to_come).exists()


HELD = (
    Rows(
        table=TICKETS,
        title=_("Tickets"),
        theirs=lambda person: person.has(TICKETS.c.order_id),
        hidden=("nonce",),
        leads_to=("id",),
        erased={"nonce": NEW_NONCE},
    ),
)
OPEN = (OpenMatter(_("A ticket is for a concert that is still to come."), _is_open),)
