"""Which views there are: by the name in their address, by the model they show, and what a person may see of them."""

from collections.abc import Iterable, Sequence

from sqladmin.authorization import Action as Access
from starlette.requests import Request

from apps.accounts.guards import NotAllowed
from apps.backoffice.views.base import View
from apps.core.errors import NotFound
from apps.core.text.i18n import Lazy

Menu = Sequence[tuple[Lazy, Sequence[View]]]
"""Views under their headings."""


class ViewRegistry:
    """Every handler is given it."""

    def __init__(self) -> None:
        self._by_identity: dict[str, View] = {}
        self._by_model: dict[str, View] = {}

    def add(self, view: View) -> None:
        self._by_identity[view.identity] = view
        self._by_model |= {model.__name__: view for model in (*view.parts, view.model)}

    def get(self, identity: str) -> View | None:
        return self._by_identity.get(identity)

    def of_model(self, name: str) -> View | None:
        """The view that tells of the rows of a model."""
        return self._by_model.get(name)

    def requested(self, request: Request, access: str) -> View:
        """The one that the path names. NotFound where the person may not even look, NotAllowed for what else."""
        view = self.get(request.path_params["identity"])
        if view is None or not view.may(request, Access.LIST):
            raise NotFound
        refuse_unless(request, view, access)
        return view

    def visible_to(self, request: Request) -> dict[str, View]:
        """Those that the person may look through, by identity."""
        return {name: view for name, view in self._by_identity.items() if view.may(request, Access.LIST)}

    def may_export_any(self, request: Request) -> bool:
        return any(view.may(request, Access.EXPORT) for view in self._by_identity.values())

    def menu_for(self, request: Request) -> Menu:
        """What the person may look at, under its headings."""
        groups: dict[Lazy, list[View]] = {}
        for view in _in_menu(self.visible_to(request).values()):
            groups.setdefault(view.group, []).append(view)
        return list(groups.items())


def _in_menu(views: Iterable[View]) -> list[View]:
    return sorted((view for view in views if view.in_menu), key=lambda view: view.menu_place)


def refuse_unless(request: Request, view: View, access: str) -> None:
    if not view.may(request, access):
        raise NotAllowed


def views_of(request: Request) -> ViewRegistry:
    """For what a view shows, which is given no more than the request."""
    views: ViewRegistry = request.state.views
    return views
