"""What the staff's routes of concerts have in common."""

from apps.accounts.guards import requires
from apps.concerts.permissions import ConcertPermission

VIEW = requires(ConcertPermission.CONCERTS_VIEW)
EDIT = requires(ConcertPermission.CONCERTS_EDIT)
ARCHIVE = requires(ConcertPermission.CONCERTS_ARCHIVE)
SELL = requires(ConcertPermission.CONCERTS_SELL)
STAFF = "/api/v1/staff"
TAGS = ["Staff: concerts"]
