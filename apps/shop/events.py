"""What the apps above are told about merch."""

from uuid import UUID

import msgspec


class ShipmentSent(msgspec.Struct, frozen=True):
    """It left the house. `line_id` is one of the order's lines in it, and in no other parcel."""

    order_id: UUID
    line_id: UUID


class ShipmentsChanged(msgspec.Struct, frozen=True):
    """Made, moved on, called off, or followed under another number."""

    order_id: UUID
    shipment_ids: list[UUID]


class ProductPublished(msgspec.Struct, frozen=True):
    product_id: UUID


class ProductUnpublished(msgspec.Struct, frozen=True):
    """By hand, or because it went to the archive."""

    product_id: UUID


class ProductChanged(msgspec.Struct, frozen=True):
    product_id: UUID
