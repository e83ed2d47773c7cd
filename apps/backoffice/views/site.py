"""SQLAdmin with our views, and who may do what in them: all that a list needs, also where nobody asks for a page."""

from collections.abc import Sequence
from typing import Any

from sqladmin import Admin
from sqladmin.authentication import AuthenticationBackend
from sqladmin.authorization import AuthorizationBackend
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.applications import Starlette
from starlette.requests import Request

from apps.backoffice.requests import current_user_of
from apps.backoffice.urls import PATH
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry


class Permissions(AuthorizationBackend):
    """What a view names for each thing that can be done in it; what it does not name nobody may do."""

    def __init__(self, views: ViewRegistry) -> None:
        self.views = views

    def has_permission(self, request: Request, identity: str, action: str, obj: Any | None = None) -> bool:
        view = self.views.get(identity)
        return view is not None and view.permission_for(action) in current_user_of(request).permissions


class ViewSite(Admin):
    """All views, by their names and models in its `registry`."""

    def __init__(self, root: Starlette, sessions: AuthenticationBackend | None = None) -> None:
        self.registry = ViewRegistry()
        super().__init__(
            root,
            session_maker=async_sessionmaker(),  # never used: requests bring theirs
            base_url=PATH,
            authentication_backend=sessions,
            authorization_backend=Permissions(self.registry),
        )

    def add_view(self, view: Any) -> None:
        super().add_view(view)
        self.registry.add(self.views[-1])  # type: ignore[arg-type]


def registry_of(views: Sequence[type[View]]) -> ViewRegistry:
    """For jobs, which answer nobody."""
    site = ViewSite(Starlette())
    for view in views:
        site.add_view(view)
    return site.registry
