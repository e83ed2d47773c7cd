"""A panel with the permissions of a user or a role."""

from collections.abc import Collection, Container

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from apps.accounts.permissions import Permission, by_subject
from apps.accounts.repositories import roles_of
from apps.accounts.users.role_titles import role_title
from apps.backoffice.pages import page
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, db_of, locale_of
from apps.backoffice.views.registry import ViewRegistry
from apps.core.text.i18n import Lazy, said
from apps.core.text.i18n import lazy as _


async def show_own(views: ViewRegistry, request: Request) -> Response:
    """What the reader may do, and by which roles."""
    current_user = current_user_of(request)
    async with db_of(request).begin() as session:
        titles = [role_title(role.name, role.title) for role in await roles_of(session, current_user.id)]
    roles = ", ".join(said(title, locale_of(request)) for title in titles)
    panel = permission_panel(current_user.permissions, _("Your permissions"), locale=locale_of(request))
    return page(request, "backoffice/own.html", menu=views.menu_for(request), panel=panel, roles=roles)


def permission_panel(codes: Container[str], title: Lazy, *, locale: str) -> Panel:
    """The permissions that are among `codes`, under what they are about."""
    return Panel(
        title=title,
        columns=[_("Area"), _("Allowed")],
        rows=[[about, _listed(allowed, locale)] for about, allowed in by_subject(codes).items()],
        empty=_("No access to the back office."),
    )


def _listed(allowed: Collection[Permission], locale: str) -> Markup:
    item = Markup("<li>{} <code>{}</code></li>")
    items = Markup().join(item.format(each.words.in_locale(locale), each.value) for each in allowed)
    return Markup('<ul class="allowed">{}</ul>').format(items)
