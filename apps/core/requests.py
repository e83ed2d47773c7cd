"""What handlers ask of the app by type, and what a request tells about its sender."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db import Database
from apps.core.i18n import LOCALES, preferred_locale
from project.settings import settings

Session = NamedDependency[AsyncSession]
"""`session`: the request's one transaction, committed before the answer is sent."""
Reads = NamedDependency[AsyncConnection]
"""`reads`: a connection in autocommit, for hot reads."""
Db = NamedDependency[Database]
"""`db`: for what spans transactions, or needs none."""
AnyRequest = Request[Any, Any, Any]


def locale_of(request: AnyRequest) -> str:
    """`?lang=` on pages, else Accept-Language, else the band's own."""
    asked = request.query_params.get("lang")
    if asked in LOCALES:
        return str(asked)
    return preferred_locale(request.headers.get("accept-language", ""), default=settings.locale)
