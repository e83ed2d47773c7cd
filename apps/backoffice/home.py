"""The first page. What it shows is told by an app above this one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.pages import page
from apps.backoffice.requests import db_of

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice


@dataclass(frozen=True, slots=True)
class Home:
    """`words` are those of `template`, for what this person may see; it extends `backoffice/base.html`."""

    template: str
    words: Callable[[AsyncSession, Request], Awaitable[Mapping[str, Any]]]


async def show_home(office: "BackOffice", request: Request) -> Response:
    async with db_of(request).begin() as session:
        words = await office.home.words(session, request)
    return page(request, office.home.template, menu=office.menu_for(request), **words)
