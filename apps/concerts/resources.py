"""What staff look after in the programme."""

from functools import partial
from uuid import UUID

from apps.accounts.resources.resource import Resource, ResourcePermissions
from apps.concerts.permissions import ConcertPermission as P
from apps.concerts.repositories import TOURS, VENUES, TourRepository, VenueRepository
from apps.concerts.scheduling.deleting import delete_tour, delete_venue
from apps.concerts.scheduling.programme import add_tour, change_tour
from apps.concerts.scheduling.venues import add_venue, archive_venue, change_venue
from apps.concerts.staff_reads import venue_out
from apps.concerts.staff_schemas import TourIn, TourStaffOut, VenueIn, VenueStaffOut
from apps.core.db.archive import archive, restore
from apps.core.db.keyset import Keyset

PROGRAMME = ResourcePermissions(
    view=P.CONCERTS_VIEW, edit=P.CONCERTS_EDIT, archive=P.CONCERTS_ARCHIVE, delete=P.CONCERTS_DELETE
)
TOUR = Resource(
    path="/api/v1/staff/tours",
    permissions=PROGRAMME,
    repository=TourRepository,
    schema=TourIn,
    out_schema=TourStaffOut,
    keyset=Keyset((TOURS.c.id,), (UUID,), is_descending=True),
    searched=(TOURS.c.title, TOURS.c.slug),
    add=add_tour,
    change=change_tour,
    archive=partial(archive, action="concerts.archive_tour"),
    restore=partial(restore, action="concerts.restore_tour"),
    delete=delete_tour,
)
VENUE = Resource(
    path="/api/v1/staff/venues",
    permissions=PROGRAMME,
    repository=VenueRepository,
    schema=VenueIn,
    out_schema=VenueStaffOut,
    out=venue_out,
    keyset=Keyset((VENUES.c.name, VENUES.c.id), (str, UUID)),
    searched=(VENUES.c.name, VENUES.c.city),
    add=add_venue,
    change=change_venue,
    archive=archive_venue,
    restore=partial(restore, action="concerts.restore_venue"),
    delete=delete_venue,
)
