"""What the pages of who is signed in share: `visitor`, and the way to the page that gets what is missing."""

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.di import NamedDependency, Provide
from litestar.response import Redirect

from apps.accounts.current_user import CurrentUser
from apps.accounts.guards import NotSignedIn
from apps.accounts.sessions.browser import PROVE, SIGN_IN, visitor_of
from apps.accounts.sessions.proof import ProofNeeded
from apps.core.http.pages import own_path
from apps.core.http.requests import AnyRequest, Db
from apps.site.pages import SiteController

Visitor = NamedDependency[CurrentUser]
HOME = "/account"


async def provide_visitor(request: AnyRequest, db: Db) -> CurrentUser:
    """Raises NotSignedIn."""
    async with db.reads() as reads:
        visitor = await visitor_of(request, reads)
    if visitor is None:
        raise NotSignedIn
    return visitor


def to_sign_in(request: AnyRequest, _error: NotSignedIn) -> Response[Any]:
    return Redirect(f"{SIGN_IN}?next={_page(request)}", status_code=303)


def to_proof(request: AnyRequest, _error: ProofNeeded) -> Response[Any]:
    return Redirect(f"{PROVE}?next={_page(request)}", status_code=303)


class OwnPageController(SiteController):
    """Pages for who is signed in: handlers ask for `visitor`."""

    dependencies = {"visitor": Provide(provide_visitor)}
    exception_handlers = {NotSignedIn: to_sign_in, ProofNeeded: to_proof}


def safe_next(next: str) -> str:
    """`next` if it is a path of this site, else the account's page."""
    is_own = next.startswith("/") and not next.startswith("//") and "\\" not in next and next.isprintable()
    return next if is_own else HOME


def _page(request: AnyRequest) -> str:
    """To come back to; a form that was sent is at the page that it came from."""
    return quote(own_path(request) if request.method == "GET" else f"{HOME}/security", safe="/")
