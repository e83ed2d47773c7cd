"""The demo's mailbox: what the band would have sent, to be read in the browser."""

import asyncio
import re
from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, QueryParameter

from apps.core.errors import NotFound
from apps.core.http.pages import page
from apps.core.http.requests import PUBLIC, AnyRequest
from apps.mail.mailbox import KeptMail, mail_by_id, mails_of_page
from apps.mail.transports import Folder, transport
from project.settings import settings

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000, required=False)]
ID = re.compile("[0-9a-f]{32}")
NO_SCRIPT = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
FRAMED = {
    "Content-Security-Policy": NO_SCRIPT,
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def demo_only(_connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if not settings.is_demo:
        raise NotFound


class DemoMailController(Controller):
    path = "/demo/mail"
    guards = [demo_only]
    include_in_schema = False
    opt = PUBLIC

    @get("/")
    async def list(self, request: AnyRequest, page_number: PageNumber = 1) -> Response[str]:
        mails, has_older = await asyncio.to_thread(mails_of_page, _folder(), page_number)
        return page(request, "mail/mailbox.html", mails=mails, number=page_number, has_older=has_older)

    @get("/{id:str}")
    async def show(self, id: FromPath[str], request: AnyRequest) -> Response[str]:
        return page(request, "mail/mail.html", mail=await _mail(id), headers={"Referrer-Policy": "no-referrer"})

    @get("/{id:str}/html")
    async def html(self, id: FromPath[str]) -> Response[str]:
        """The mail's own HTML, for a frame that runs no script and reaches nothing."""
        return Response((await _mail(id)).html, media_type="text/html", headers=FRAMED)


async def _mail(id: str) -> KeptMail:
    if not ID.fullmatch(id):
        raise NotFound
    return await asyncio.to_thread(mail_by_id, _folder(), id)


def _folder() -> Folder:
    kept = transport(settings.mail_url)
    if not isinstance(kept, Folder):
        raise NotFound
    return kept
