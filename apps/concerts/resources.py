"""What staff look after of concerts."""

from functools import partial
from uuid import UUID

from apps.accounts.resources.resource import Resource, ResourcePermissions
from apps.concerts.permissions import ConcertPermission as P
from apps.concerts.repositories import TOURS, VENUES, ConcertRepository, TourRepository, VenueRepository
from apps.concerts.scheduling.concerts import add_concert, add_tour, change_concert, change_tour
from apps.concerts.scheduling.deleting import delete_concert, delete_tour, delete_venue
from apps.concerts.scheduling.services import archive_concert, restore_concert
from apps.concerts.scheduling.venues import add_venue, archive_venue, change_venue
from apps.concerts.staff_reads import concert_out, venue_out
from apps.concerts.staff_schemas import ConcertIn, ConcertStaffOut, TourIn, TourStaffOut, VenueIn, VenueStaffOut
from apps.core.db.archive import archive, restore
from apps.core.db.keyset import Keyset

PERMISSIONS = ResourcePermissions(
    view=P.CONCERTS_VIEW, edit=P.CONCERTS_EDIT, archive=P.CONCERTS_ARCHIVE, delete=P.CONCERTS_DELETE
)
CONCERT = Resource(
    path="/api/v1/staff/concerts",
    permissions=PERMISSIONS,
    repository=ConcertRepository,
    schema=ConcertIn,
    out_schema=ConcertStaffOut,
    out_by_query=concert_out,
    live=("orders_with_tickets", "finished"),
    add=add_concert,
    change=change_concert,
    archive=archive_concert,
    restore=restore_concert,
    delete=delete_concert,
)
TOUR = Resource(
    path="/api/v1/staff/tours",
    permissions=PERMISSIONS,
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
    permissions=PERMISSIONS,
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
