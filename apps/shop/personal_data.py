"""What the shop holds about a person: where parcels went."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select

from apps.core.privacy.holdings import OpenMatter, Rows
from apps.core.privacy.person import Person
from apps.core.text.i18n import lazy as _
from apps.orders.personal_data.blanks import without_person
from apps.shop.models import Shipment, ShipmentState

SHIPMENTS = Shipment.table()
STILL_HERE = (ShipmentState.unfulfilled, ShipmentState.packed, ShipmentState.waiting_for_pickup)
LONGEST_WAY = timedelta(days=30)
"""Then a parcel has come, whether or not anybody said so."""


def _is_open(person: Person) -> ColumnElement[bool]:
    on_its_way = and_(
        SHIPMENTS.c.state == ShipmentState.shipped, SHIPMENTS.c.moved_at > func.clock_timestamp() - LONGEST_WAY
    )
    waits = or_(SHIPMENTS.c.state.in_(STILL_HERE), on_its_way)
    return select(SHIPMENTS.c.id).where(person.has(SHIPMENTS.c.order_id), waits).exists()


HELD = (
    Rows(
        table=SHIPMENTS,
        title=_("Parcels"),
        theirs=lambda person: person.has(SHIPMENTS.c.order_id),
        leads_to=("id",),
        erased={"address": without_person(SHIPMENTS.c.address), "tracking": ""},
    ),
)
OPEN = (OpenMatter(_("A parcel has not arrived yet."), _is_open),)
