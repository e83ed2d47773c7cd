"""Parts of an order: what its lines became once it was paid, such as tickets and shipments."""

from uuid import UUID

from msgspec import Struct


class Part(Struct, tag_field="kind", kw_only=True):
    """What came of a `line` of the order when it was delivered: a ticket, merch on its way; `kind` tells which.

    `title` is as it was ordered.
    """

    id: UUID
    line: UUID
    title: str
    state: str
