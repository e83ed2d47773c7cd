"""What handlers ask of the app by type, and what a request tells about its sender."""

from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.database import Database
from apps.core.http.cookies import cookie_name
from apps.core.text.i18n import LOCALES, preferred_locale
from apps.core.text.string_types import END, NOT_THREE_CAPITALS, SENTENCE
from project.settings import settings

Session = NamedDependency[AsyncSession]
"""`session`: the request's one transaction, committed before the answer is sent."""
Reads = NamedDependency[AsyncConnection]
"""`reads`: a connection in autocommit, for hot reads."""
Db = NamedDependency[Database]
"""`db`: for what spans transactions, or needs none."""
AnyRequest = Request[Any, Any, Any]
CurrencyQuery = Annotated[
    str | None,
    QueryParameter(
        name="currency", pattern=rf"^([A-Z]{{3}})?{END}", schema_extra={SENTENCE: NOT_THREE_CAPITALS}, required=False
    ),
]
SMALL_BODY = 64 * 1024
"""`request_max_body_size` of what anybody may send: a large body takes long to look through."""
LANGUAGE = "lang"
CATALOGUE = CacheControlHeader(public=True, max_age=10)
"""`cache_control=CATALOGUE`: everybody sees the same; the answer cache keeps it until something changes."""
PERSONAL = CacheControlHeader(private=True, no_store=True)
"""`cache_control=PERSONAL`: for nobody's cache."""
SECRET = CacheControlHeader(private=True, no_store=True, no_transform=True)
"""`cache_control=SECRET`: with a token or key in it; never compressed either, as the size would tell of it (BREACH)."""
PUBLIC = {"public": True}
"""`opt=PUBLIC`: a route that anybody may call, signed in or not; every other one has a guard."""
MAY_SIGN_IN = {**PUBLIC, "may_sign_in": True}
"""`opt=MAY_SIGN_IN`: the same, where it matters who is signed in; a token that opens nothing is refused."""


def asked_locale(request: AnyRequest) -> str | None:
    """The language that `?lang=` names."""
    asked = request.query_params.get(LANGUAGE) if request.scope["query_string"] else None
    return str(asked) if asked in LOCALES else None


def locale_of(request: AnyRequest) -> str:
    """`?lang=`, else on pages the choice kept from before, else Accept-Language, else the band's own."""
    if asked := asked_locale(request):
        return asked
    kept = None if request.scope["path"].startswith("/api/") else request.cookies.get(cookie_name(LANGUAGE))
    if kept in LOCALES:
        return str(kept)
    return preferred_locale(request.headers.get("accept-language", ""), default=settings.locale)
