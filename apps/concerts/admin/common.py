"""What the views of concerts have in common."""

from functools import partial

from sqladmin.authorization import Action as Access
from sqlalchemy import and_, exists, literal_column

from apps.accounts.permissions import Permission
from apps.backoffice.actions import common_actions
from apps.concerts.models import Concert, ConcertState, Ticket, TicketState
from apps.concerts.permissions import ConcertPermission as P
from apps.core.text.i18n import lazy as _

CONCERTS = _("Concerts")
OVER = Concert.starts_at < literal_column("now() - interval '6 hours'")
"""Tonight's is to come for as long as it lasts."""
TO_COME = and_(~OVER, Concert.state != ConcertState.cancelled)
TO_REFUND = and_(
    Concert.state == ConcertState.cancelled,
    exists().where(Ticket.concert_id == Concert.id, Ticket.state == TicketState.valid),
)
"""Cancelled, and people still hold tickets."""
READ: dict[str, Permission] = {Access.LIST: P.CONCERTS_VIEW, Access.DETAILS: P.CONCERTS_VIEW}
archiving = partial(common_actions.archiving, permission=P.CONCERTS_ARCHIVE)
restoring = partial(common_actions.restoring, permission=P.CONCERTS_ARCHIVE)
deleting = partial(common_actions.deleting, permission=P.CONCERTS_DELETE)
