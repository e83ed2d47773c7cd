"""The books over the API, to be read."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import QueryParameter

from apps.accounts.guards import requires
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.requests import PERSONAL, Reads
from apps.payments.books.balances import balances_of
from apps.payments.books.models import Account
from apps.payments.books.permissions import BooksPermission
from apps.payments.books.schemas import BalanceOut, TransferOut
from apps.payments.books.staff_reads import TransferQuery, list_transfers

VIEW = requires(BooksPermission.BOOKS_VIEW)
ProviderQuery = Annotated[str | None, QueryParameter(name="provider", max_length=20, required=False)]
OrderQuery = Annotated[UUID | None, QueryParameter(name="order", required=False, description="An order's id.")]
AccountQuery = Annotated[
    Account | None, QueryParameter(name="account", required=False, description="Debited or credited.")
]
DayQuery = Annotated[
    date | None, QueryParameter(name="day", required=False, description="At its end; without it, now.")
]
FromQuery = Annotated[date | None, QueryParameter(name="from", required=False, description="The first day.")]
ToQuery = Annotated[date | None, QueryParameter(name="to", required=False, description="The last day.")]


class BooksStaffController(Controller):
    path = "/api/v1/staff/books"
    tags = ["Staff: books"]

    @get("/transfers", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def transfers(
        self,
        reads: Reads,
        provider: ProviderQuery = None,
        account: AccountQuery = None,
        order: OrderQuery = None,
        first: FromQuery = None,
        last: ToQuery = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[TransferOut]:
        """What was written into the books, the newest first. Nothing of it ever changes."""
        query = TransferQuery(provider=provider, account=account, order=order, first=first, last=last)
        return await list_transfers(reads, query, limit=limit, after=after)

    @get("/balances", guards=[VIEW], cache_control=PERSONAL)
    async def balances(
        self, reads: Reads, day: DayQuery = None, provider: ProviderQuery = None, order: OrderQuery = None
    ) -> list[BalanceOut]:
        """The balance of each account, by provider and currency; of one order with `order`."""
        return await balances_of(reads, day=day, provider=provider, owner_id=order)
