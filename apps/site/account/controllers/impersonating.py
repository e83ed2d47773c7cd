"""Looking at the site as a fan sees it, for staff who may."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.browser import FORGET, browser_origin, impersonating_cookies, own_session_cookies
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.sessions.sessions import end_session
from apps.accounts.users.impersonation import impersonate
from apps.core.errors import NotFound
from apps.core.http.requests import AnyRequest, Db
from apps.site.account.forms import account_page
from apps.site.account.own_pages import OwnPageController, Visitor


class ImpersonationPageController(OwnPageController):
    path = "/account/impersonate"

    @get("/{id:uuid}")
    async def ask(self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        if PeoplePermission.USERS_IMPERSONATE not in visitor.permissions:
            raise NotFound
        refuse_stale_proof(visitor)
        async with db.begin() as session:
            user = await UserRepository(session=session).find(id)
        return await account_page(request, db, "impersonate", fan=user)

    @post("/{id:uuid}")
    async def begin(self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db) -> Response[Any]:
        async with db.begin() as session:
            opened = await impersonate(session, id, browser_origin(request), by=visitor)
        return Redirect("/account", status_code=303, cookies=impersonating_cookies(opened, request))

    @post("/end")
    async def end(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[Any]:
        if visitor.impersonator_id is None:
            return Redirect("/account", status_code=303)
        async with db.begin() as session:
            await end_session(session, visitor)
        back = f"/admin/user/details/{visitor.id}"
        return Redirect(back, status_code=303, cookies=own_session_cookies(request), headers=FORGET)
