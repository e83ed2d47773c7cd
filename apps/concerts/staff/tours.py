"""Tours, for staff."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import Staff
from apps.concerts.repositories import TourRepository
from apps.concerts.scheduling.programme import add_tour, change_tour
from apps.concerts.staff.common import ARCHIVE, EDIT, STAFF, TAGS, VIEW
from apps.concerts.staff_reads import CatalogueQuery, list_tours, tour_out
from apps.concerts.staff_schemas import TourIn, TourStaffOut
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive, archive, restore
from apps.core.errors import NotFound
from apps.core.http.once import OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.search import WordsQuery
from apps.core.text.slugs import SlugTaken


class TourStaffController(Controller):
    path = f"{STAFF}/tours"
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        q: WordsQuery = "",
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[TourStaffOut]:
        """Tours, the newest first."""
        return await list_tours(reads, CatalogueQuery(q=q, archive_filter=archived), limit=limit, after=after)

    @get("/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[TourStaffOut]:
        """One tour."""
        return shown(tour_out(await TourRepository(session=session).find(id)))

    @post("/", status_code=201, guards=[EDIT], responses=problems(SlugTaken))
    async def create(
        self, data: JSONBody[TourIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[TourStaffOut]:
        """Add a tour."""

        async def work() -> Response[TourStaffOut]:
            tour = await add_tour(session, data, actor=person.actor)
            return shown(tour_out(tour), status=201, location=f"{STAFF}/tours/{tour.id}")

        return await once(work)

    @put("/{id:uuid}", guards=[EDIT], responses=problems(NotFound, SlugTaken, InArchive))
    async def change(
        self, id: FromPath[UUID], data: JSONBody[TourIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[TourStaffOut]:
        """Change a tour."""
        tour = await TourRepository(session=session).find_locked(id)
        refuse_stale(if_match, tour_out(tour))
        await change_tour(session, tour, data, actor=person.actor)
        return shown(tour_out(tour))

    @post("/{id:uuid}/archive", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def archive(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[TourStaffOut]:
        """Take a tour out of the lists; its concerts stay."""
        tour = await TourRepository(session=session).find_locked(id)
        await archive(session, tour, action="concerts.archive_tour", actor=person.actor)
        return shown(tour_out(tour))

    @post("/{id:uuid}/restore", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def restore(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[TourStaffOut]:
        """Put a tour back into the lists."""
        tour = await TourRepository(session=session).find_locked(id)
        await restore(session, tour, action="concerts.restore_tour", actor=person.actor)
        return shown(tour_out(tour))
