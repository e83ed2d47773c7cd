"""Which pages of the back office somebody may open. Nobody is shown a link to another."""

from urllib.parse import urlsplit

from sqladmin.authorization import Action
from starlette.requests import Request

from apps.backoffice.urls import PATH

ACTIONS = {
    "list": Action.LIST,
    "details": Action.DETAILS,
    "create": Action.CREATE,
    "edit": Action.EDIT,
    "export": Action.EXPORT,
    "put-back": Action.EDIT,
    "outcome": Action.LIST,
}
"""By the part of the path that names the door."""


def may_open(request: Request, place: str) -> bool:
    """`place` is an address as `apps.backoffice.urls` makes it; what is no door of a view is open to all."""
    path = urlsplit(place).path.removeprefix(f"{PATH}/")
    identity, _, rest = path.partition("/")
    view = request.state.views.get(identity)
    if view is None:
        return True
    door, _, name = rest.partition("/")
    action = f"do:{name}" if door == "do" else ACTIONS[door]
    return bool(view.may(request, Action.LIST) and view.may(request, action))
