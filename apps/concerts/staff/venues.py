"""Venues, for staff."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import Staff
from apps.concerts.repositories import VenueRepository
from apps.concerts.scheduling.venues import VenueExists, VenueInUse, add_venue, archive_venue, change_venue
from apps.concerts.staff.common import ARCHIVE, EDIT, STAFF, TAGS, VIEW
from apps.concerts.staff_reads import CatalogueQuery, list_venues, venue_out
from apps.concerts.staff_schemas import VenueIn, VenueStaffOut
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive, restore
from apps.core.errors import NotFound
from apps.core.http.once import OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.search import WordsQuery


class VenueStaffController(Controller):
    path = f"{STAFF}/venues"
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        q: WordsQuery = "",
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[VenueStaffOut]:
        """Venues by name."""
        return await list_venues(reads, CatalogueQuery(q=q, archive_filter=archived), limit=limit, after=after)

    @get("/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[VenueStaffOut]:
        """One venue."""
        return shown(venue_out(await VenueRepository(session=session).find(id)))

    @post("/", status_code=201, guards=[EDIT], responses=problems(VenueExists))
    async def create(
        self, data: JSONBody[VenueIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[VenueStaffOut]:
        """Add a venue."""

        async def work() -> Response[VenueStaffOut]:
            venue = await add_venue(session, data, actor=person.actor)
            return shown(venue_out(venue), status=201, location=f"{STAFF}/venues/{venue.id}")

        return await once(work)

    @put("/{id:uuid}", guards=[EDIT], responses=problems(NotFound, VenueExists, InArchive))
    async def change(
        self, id: FromPath[UUID], data: JSONBody[VenueIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[VenueStaffOut]:
        """Change a venue. Its concerts stay at their instants, whatever its time zone."""
        venue = await VenueRepository(session=session).find_locked(id)
        refuse_stale(if_match, venue_out(venue))
        await change_venue(session, venue, data, actor=person.actor)
        return shown(venue_out(venue))

    @post("/{id:uuid}/archive", status_code=200, guards=[ARCHIVE], responses=problems(NotFound, VenueInUse))
    async def archive(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[VenueStaffOut]:
        """Take a venue out of the lists, once nothing is to come there."""
        venue = await VenueRepository(session=session).find_locked(id)
        await archive_venue(session, venue, actor=person.actor)
        return shown(venue_out(venue))

    @post("/{id:uuid}/restore", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def restore(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[VenueStaffOut]:
        """Put a venue back into the lists."""
        venue = await VenueRepository(session=session).find_locked(id)
        await restore(session, venue, action="concerts.restore_venue", actor=person.actor)
        return shown(venue_out(venue))
