"""/admin: mounts SQLAdmin's Starlette app inside ours, and refuses cross-site requests before they reach it."""

from collections.abc import Sequence
from urllib.parse import unquote

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from apps.backoffice.admin_site import AdminSite
from apps.backoffice.errors import Translate
from apps.backoffice.home import Home
from apps.backoffice.urls import PATH
from apps.backoffice.views.base import View
from apps.core.errors import NotFound
from apps.core.security.csrf import SAFE, Forged
from project.settings import settings


def mount_admin(views: Sequence[type[View]], *, translate: Translate, home: Home) -> ASGIRouteHandler:
    """The route of everything below /admin."""
    root = Starlette()
    site = AdminSite(root, home)
    for view in views:
        site.add_view(view)

    @asgi(PATH, is_mount=True, copy_scope=True)
    async def admin(scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["litestar_app"].state
        ours = {"db": state.db, "limits": state.limits, "views": site.registry, "translate": translate}
        scope["state"] = {**scope["state"], **ours}
        path = unquote(scope["raw_path"].decode("latin-1").partition("?")[0])
        if path != PATH and not path.startswith(f"{PATH}/"):
            raise NotFound  # /admin-stats comes here, too
        scope["path"] = path
        request = Request(scope)
        is_ours = request.method in SAFE or _is_from_our_page(request)
        answer = root.router if is_ours else await site.refuse(request, Forged())
        await answer(scope, receive, send)

    return admin


def _is_from_our_page(request: Request) -> bool:
    """By what browsers tell, and scripts on pages cannot change: Sec-Fetch-Site, older browsers Origin."""
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return origin == f"{request.url.scheme}://{request.headers.get('host', '')}" or origin == settings.base_url
