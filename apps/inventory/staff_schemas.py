"""Stock as staff write and see it."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import FilledText, Text
from apps.inventory.models import MovementReason

Units = Annotated[int, Meta(ge=0, le=1_000_000)]


class PoolIn(Struct, forbid_unknown_fields=True):
    """How staff call a pool."""

    name: FilledText


class NewPoolIn(PoolIn):
    """`capacity` is the stock that it opens with."""

    capacity: Units = 0


class PoolOut(Struct, kw_only=True):
    """`reserved` of the `capacity` is held or sold. Sales change these, so they are no part of the version."""

    id: UUID
    name: str
    capacity: int
    reserved: int
    left: int
    created_at: AwareDatetime
    archived_at: AwareDatetime | None


class MovementIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Either `delta`, what came (+) or went (-), with its reason; or `counted`, what was found to be left.

    What was received or returned came, what was damaged went.
    """

    delta: Annotated[int, Meta(ge=-1_000_000, le=1_000_000, examples=[12])] | None = None
    counted: Annotated[Units | None, Meta(examples=[None])] = None
    reason: MovementReason
    note: Text = ""


class PiecesIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """So many came, or went: which of them is said elsewhere."""

    units: Annotated[int, Meta(ge=1, le=1_000_000)]
    note: Text = ""


class CountedIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """So many were found."""

    units: Units
    note: Text = ""


class MovementOut(Struct, kw_only=True):
    """`actor` is who made it: "user:…", or the program that did."""

    id: UUID
    pool: UUID
    delta: int
    reason: MovementReason
    actor: str
    note: str
    created_at: AwareDatetime


class MovedOut(Struct, kw_only=True):
    """What is `left` afterwards. There is no `movement` when what was counted is what was thought to be there."""

    movement: MovementOut | None
    left: int
