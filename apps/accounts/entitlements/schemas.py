"""API schemas of entitlements."""

from typing import Annotated

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import END

EntitlementKey = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=rf"^[a-z0-9]+([._-][a-z0-9]+)*{END}",
        description="What somebody is entitled to, by the name that staff give it.",
        examples=["club.gold"],
    ),
]


class EntitlementIn(Struct, forbid_unknown_fields=True):
    """What to grant. Without `ends_at` it is for good."""

    key: EntitlementKey
    ends_at: AwareDatetime | None = None


class EntitlementOut(Struct):
    """`by_staff`: staff granted it, and can end it."""

    key: str
    by_staff: bool
    active: bool
    ends_at: AwareDatetime | None
