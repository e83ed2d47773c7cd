"""Concerts and their states, for staff."""

from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from apps.accounts.guards import Staff, fresh_proof
from apps.accounts.resources import routes
from apps.concerts.models import ConcertState
from apps.concerts.permissions import ConcertPermission
from apps.concerts.resources import CONCERT
from apps.concerts.scheduling import services
from apps.concerts.scheduling.concerts import reschedule
from apps.concerts.scheduling.services import NothingToSell, SaleBeginsLater, StillToCome, WrongConcertState
from apps.concerts.staff.common import SELL, TAGS, VIEW
from apps.concerts.staff_reads import ConcertStaffQuery, list_concerts
from apps.concerts.staff_schemas import ConcertListedOut, ConcertStaffOut, NewDateIn
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.filters import IdsQuery, UpdatedAfter, ids_in
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.datetimes import in_utc
from apps.core.text.search import WordsQuery
from apps.core.text.slugs import SlugTaken

MOVED = (WrongConcertState, InArchive)
StateQuery = Annotated[ConcertState | None, QueryParameter(name="state", required=False)]
IdQuery = Annotated[UUID | None, QueryParameter(required=False)]
to_sell = partial(routes.to_do, CONCERT, permission=ConcertPermission.CONCERTS_SELL)


class ConcertStaffController(Controller):
    path, tags = CONCERT.path, TAGS

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

    show = routes.to_show(CONCERT, "One concert.")
    create = routes.to_create(CONCERT, "Add a concert, as a draft that fans do not see.", SlugTaken)
    change = routes.to_change(
        CONCERT, "Change a concert. Titles and sale windows of its ticket types follow.", SlugTaken, SaleBeginsLater
    )
    announce = to_sell(
        "announce",
        services.announce,
        "Show a draft, or a postponed concert that has a new date, to the fans; without selling it yet.",
        *MOVED,
    )
    put_on_sale = to_sell(
        "put-on-sale",
        services.put_on_sale,
        "Sell the tickets of an announced or postponed concert, each type in its own sale window.",
        *MOVED,
        NothingToSell,
    )
    stop_sale = to_sell(
        "stop-sale",
        services.stop_sale,
        "Sell no more tickets for now. What was put into a cart cannot be checked out either.",
        *MOVED,
    )
    postpone = to_sell(
        "postpone",
        services.postpone,
        "Stop sales until there is a new date. Tickets stay valid, and ticket holders get an email.",
        *MOVED,
    )

    @post(
        "/{id:uuid}/reschedule",
        status_code=200,
        guards=[SELL],
        responses=problems(NotFound, InArchive, SaleBeginsLater),
    )
    async def reschedule(
        self,
        id: FromPath[UUID],
        data: JSONBody[NewDateIn],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[ConcertStaffOut]:
        """Set a new date, in whatever state the concert is; who holds a ticket gets a mail.

        A postponed one is announced again; `put-on-sale` puts it on sale.
        """
        concert = await CONCERT.lock(session, id)
        refuse_stale(if_match, await CONCERT.show(session, concert), live=CONCERT.live)
        await reschedule(session, concert, data.starts_at, actor=current_user.actor)
        return shown(await CONCERT.show(session, concert), live=CONCERT.live)

    cancel = routes.to_do(
        CONCERT,
        "cancel",
        services.cancel,
        "Cancel a concert for good; ticket holders get an email. Refund its tickets then, all at once.\n\n"
        "Orders that are not paid yet end by themselves.",
        *MOVED,
        permission=ConcertPermission.CONCERTS_CANCEL,
        guards=[fresh_proof],
    )
    archive = routes.to_archive(
        CONCERT, "Take a concert that is over, cancelled or a draft out of the lists.", StillToCome
    )
    restore = routes.to_restore(CONCERT, "Put a concert back into the lists, in the state it had.")
