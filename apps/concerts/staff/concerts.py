"""Concerts and their states, for staff."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff
from apps.accounts.person import Person
from apps.concerts.models import Concert, ConcertState
from apps.concerts.repositories import ConcertRepository
from apps.concerts.scheduling import services
from apps.concerts.scheduling.programme import add_concert, change_concert, reschedule
from apps.concerts.scheduling.services import NothingToSell, SaleBeginsLater, StillToCome, WrongConcertState
from apps.concerts.staff.common import ARCHIVE, CANCEL, EDIT, SELL, STAFF, TAGS, VIEW
from apps.concerts.staff_reads import ConcertStaffQuery, concert_out, list_concerts
from apps.concerts.staff_schemas import ConcertIn, ConcertListedOut, ConcertStaffOut, NewDateIn
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.filters import IdsQuery, UpdatedAfter, ids_in
from apps.core.http.once import OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.datetimes import in_utc
from apps.core.text.search import WordsQuery
from apps.core.text.slugs import SlugTaken

LIVE = ("orders_with_tickets", "finished")
MOVED = problems(NotFound, WrongConcertState, InArchive)
StateQuery = Annotated[ConcertState | None, QueryParameter(name="state", required=False)]
IdQuery = Annotated[UUID | None, QueryParameter(required=False)]


class ConcertStaffController(Controller):
    path = f"{STAFF}/concerts"
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        q: WordsQuery = "",
        in_state: StateQuery = None,
        tour: IdQuery = None,
        venue: IdQuery = None,
        ids: IdsQuery = None,
        updated_after: UpdatedAfter = None,
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[ConcertListedOut]:
        """Concerts in every state, the latest first; with `updated_after` the first that changed comes first.

        A change of its ticket types or their prices is one of the concert.
        """
        query = ConcertStaffQuery(
            q=q,
            state=in_state,
            tour=tour,
            venue=venue,
            ids=ids_in(ids),
            **in_utc(updated_after=updated_after),
            archive_filter=archived,
        )
        return await list_concerts(reads, query, limit=limit, after=after)

    @get("/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[ConcertStaffOut]:
        """One concert."""
        return await _shown(session, await ConcertRepository(session=session).find(id))

    @post("/", status_code=201, guards=[EDIT], responses=problems(SlugTaken))
    async def create(
        self, data: JSONBody[ConcertIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[ConcertStaffOut]:
        """Add a concert, as a draft that fans do not see."""

        async def work() -> Response[ConcertStaffOut]:
            concert = await add_concert(session, data, actor=person.actor)
            out = await concert_out(session, concert)
            return shown(out, status=201, location=f"{STAFF}/concerts/{concert.id}", live=LIVE)

        return await once(work)

    @put("/{id:uuid}", guards=[EDIT], responses=problems(NotFound, SlugTaken, InArchive, SaleBeginsLater))
    async def change(
        self, id: FromPath[UUID], data: JSONBody[ConcertIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[ConcertStaffOut]:
        """Change a concert. Titles and sale windows of its ticket types follow."""
        concert = await ConcertRepository(session=session).find_locked(id)
        refuse_stale(if_match, await concert_out(session, concert), live=LIVE)
        await change_concert(session, concert, data, actor=person.actor)
        return await _shown(session, concert)

    @post("/{id:uuid}/announce", status_code=200, guards=[SELL], responses=MOVED)
    async def announce(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Show a draft, or a postponed concert that has a new date, to the fans; without selling it yet."""
        return await _after(services.announce, session, id, person)

    @post(
        "/{id:uuid}/put-on-sale",
        status_code=200,
        guards=[SELL],
        responses=problems(NotFound, WrongConcertState, InArchive, NothingToSell),
    )
    async def put_on_sale(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Sell the tickets of an announced or postponed concert, each type in its own sale window."""
        return await _after(services.put_on_sale, session, id, person)

    @post("/{id:uuid}/stop-sale", status_code=200, guards=[SELL], responses=MOVED)
    async def stop_sale(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Sell no more tickets for now. What was put into a cart cannot be checked out either."""
        return await _after(services.stop_sale, session, id, person)

    @post("/{id:uuid}/postpone", status_code=200, guards=[SELL], responses=MOVED)
    async def postpone(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Stop the sale until there is a new date. Tickets stay valid, and who holds one gets a mail."""
        return await _after(services.postpone, session, id, person)

    @post(
        "/{id:uuid}/reschedule",
        status_code=200,
        guards=[SELL],
        responses=problems(NotFound, InArchive, SaleBeginsLater),
    )
    async def reschedule(
        self, id: FromPath[UUID], data: JSONBody[NewDateIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[ConcertStaffOut]:
        """Set a new date, in whatever state the concert is; who holds a ticket gets a mail.

        A postponed one is announced again; its own verb puts it on sale.
        """
        concert = await ConcertRepository(session=session).find_locked(id)
        refuse_stale(if_match, await concert_out(session, concert), live=LIVE)
        await reschedule(session, concert, data.starts_at, actor=person.actor)
        return await _shown(session, concert)

    @post("/{id:uuid}/cancel", status_code=200, guards=[CANCEL], responses=MOVED)
    async def cancel(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Call a concert off for ever; who holds a ticket gets a mail. Refund its tickets then, all at once.

        Orders that are not paid yet end by themselves.
        """
        return await _after(services.cancel, session, id, person)

    @post("/{id:uuid}/archive", status_code=200, guards=[ARCHIVE], responses=problems(NotFound, StillToCome))
    async def archive(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Take a concert that is over, called off or a draft out of the lists."""
        return await _after(services.archive_concert, session, id, person)

    @post("/{id:uuid}/restore", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def restore(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ConcertStaffOut]:
        """Put a concert back into the lists, in the state it had."""
        return await _after(services.restore_concert, session, id, person)


async def _after(
    verb: Callable[..., Awaitable[None]], session: AsyncSession, id: UUID, person: Person
) -> Response[ConcertStaffOut]:
    concert = await ConcertRepository(session=session).find_locked(id)
    await verb(session, concert, actor=person.actor)
    return await _shown(session, concert)


async def _shown(session: AsyncSession, concert: Concert) -> Response[ConcertStaffOut]:
    return shown(await concert_out(session, concert), live=LIVE)
