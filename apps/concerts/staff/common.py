"""What the staff's routes of concerts have in common."""

from typing import Annotated

from litestar.params import QueryParameter

from apps.accounts.guards import requires
from apps.concerts.permissions import ConcertPermission
from apps.core.texts import LINE

VIEW = requires(ConcertPermission.CONCERTS_VIEW)
EDIT = requires(ConcertPermission.CONCERTS_EDIT)
ARCHIVE = requires(ConcertPermission.CONCERTS_ARCHIVE)
SELL = requires(ConcertPermission.CONCERTS_SELL)
CANCEL = requires(ConcertPermission.CONCERTS_CANCEL)
STAFF = "/api/v1/staff"
TAGS = ["Staff: concerts"]
Words = Annotated[
    str,
    QueryParameter(name="q", max_length=100, pattern=LINE, required=False, description="A part of a name."),
]
