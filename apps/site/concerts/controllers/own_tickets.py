"""The tickets of who is signed in, each with the QR code for the door. The page can be read without a network."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Response, get

from apps.concerts.tickets.tickets import TicketOut, own_tickets
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.core.text.qr_codes import qr_code
from apps.site.account.forms import account_page
from apps.site.account.own_pages import OwnPageController, Visitor
from apps.site.pages import SiteController

WORKER = Path(__file__).parent / "own_tickets_worker.js"


class OwnTicketPageController(OwnPageController):
    path = "/account/tickets"

    @get("/")
    async def show(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        async with db.reads() as reads:
            tickets = await own_tickets(reads, visitor.id, locale=locale_of(request))
        pictures = await asyncio.to_thread(_qr_codes, tickets)
        concerts = [(concert, [*own]) for concert, own in groupby(tickets, key=lambda ticket: ticket.concert)]
        return await account_page(request, db, "site/concerts/own_tickets.html", concerts=concerts, pictures=pictures)


class OwnTicketWorkerController(SiteController):
    path = "/account/tickets-worker.js"

    @get("/")
    async def show(self) -> Response[bytes]:
        """The service worker that keeps the page: at an address of the site, as it serves what is below its own."""
        body = await asyncio.to_thread(WORKER.read_bytes)
        return Response(body, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _qr_codes(tickets: Sequence[TicketOut]) -> Mapping[UUID, Any]:
    """SVG by the ticket's id."""
    coded = ((ticket.id, ticket.code) for ticket in tickets if ticket.code)
    return {id: qr_code(code) for id, code in coded}
