"""What the apps above are told about merch."""

from uuid import UUID

import msgspec


class ShipmentSent(msgspec.Struct, frozen=True):
    """It was handed to the carrier. `line_id` is one of the order's lines in it, and in no other parcel."""

    order_id: UUID
    line_id: UUID
