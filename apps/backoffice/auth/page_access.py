"""Whether the current user may open a page of the back office: links to other pages are not shown.

Views show links, so this does not import their registry: it finds it in the request.
"""

from urllib.parse import urlsplit

from sqladmin.authorization import Action as Access
from starlette.requests import Request

from apps.backoffice.urls import PATH

BY_PAGE = {
    "list": Access.LIST,
    "details": Access.DETAILS,
    "create": Access.CREATE,
    "edit": Access.EDIT,
    "export": Access.EXPORT,
    "put-back": Access.EDIT,
    "outcome": Access.LIST,
}
"""By the part of the path that names the page."""
NAMED = ("do", "file")
"""Pages with a name of their own after it."""


def may_open(request: Request, url: str) -> bool:
    """`url` is one that `apps.backoffice.urls` makes; what is no page of a view is open to all."""
    path = urlsplit(url).path.removeprefix(f"{PATH}/")
    identity, _, rest = path.partition("/")
    view = request.state.views.get(identity)
    if view is None:
        return True
    page, _, name = rest.partition("/")
    access = f"{page}:{name}" if page in NAMED else BY_PAGE[page]
    return bool(view.may(request, Access.LIST) and view.may(request, access))
