"""Who is signed in, over the API: what belongs to them and how they sign in."""

from collections.abc import Iterable

from litestar import Controller, get, patch, post, put
from litestar.params import JSONBody

from apps.accounts.current_user import CurrentUser
from apps.accounts.email_change.changing import SameEmail, ask_for_email_change
from apps.accounts.guards import CurrentUserDep, signed_in
from apps.accounts.models import User
from apps.accounts.passwords import WeakPassword
from apps.accounts.schemas import ChangePasswordIn, EmailChangeIn, MailedOut, MeIn, MeOut, MePatchIn
from apps.accounts.services import WrongPassword, change_password, change_profile
from apps.accounts.sessions.limits import EMAIL_CHANGE_MAILS, PASSWORD_CHANGES, PROFILE_CHANGES, count_mail
from apps.accounts.sessions.proof import ProofNeeded
from apps.core.http.openapi import problems
from apps.core.http.rate_limits import LimitsDependency, caller
from apps.core.http.requests import PERSONAL, SMALL_BODY, AnyRequest, Db, Session


class MeController(Controller):
    path = "/api/v1/me"
    cache_control = PERSONAL
    request_max_body_size = SMALL_BODY
    guards = [signed_in]
    tags = ["Account"]

    @get("/")
    async def show(self, current_user: CurrentUserDep) -> MeOut:
        """Who is signed in."""
        return me_out(current_user, permissions=current_user.permissions, entitlements=current_user.entitlements)

    @put("/", limit=PROFILE_CHANGES)
    async def change(self, data: JSONBody[MeIn], current_user: CurrentUserDep, session: Session) -> MeOut:
        """Change name and language."""
        user = await change_profile(session, current_user, name=data.name, locale=data.locale)
        return me_out(user, permissions=current_user.permissions, entitlements=current_user.entitlements)

    @patch("/", operation_id="patchMe", limit=PROFILE_CHANGES)
    async def change_some(self, data: JSONBody[MePatchIn], current_user: CurrentUserDep, session: Session) -> MeOut:
        """Change some of it: name, language, or whether the band's news come by mail."""
        user = await change_profile(session, current_user, name=data.name, locale=data.locale, news=data.news)
        return me_out(user, permissions=current_user.permissions, entitlements=current_user.entitlements)

    @post(
        "/email",
        status_code=202,
        operation_id="changeMyEmail",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded, SameEmail),
    )
    async def change_email(
        self,
        data: JSONBody[EmailChangeIn],
        current_user: CurrentUserDep,
        request: AnyRequest,
        session: Session,
        limits: LimitsDependency,
    ) -> MailedOut:
        """Ask for another address. Links are mailed to both; when both were followed it is changed."""
        await count_mail(limits, EMAIL_CHANGE_MAILS, email=data.email.lower(), by=caller(request))
        await ask_for_email_change(session, current_user, data.email)
        return MailedOut(data.email)

    @post(
        "/password",
        status_code=204,
        operation_id="changeMyPassword",
        limit=PASSWORD_CHANGES,
        responses=problems(WrongPassword, WeakPassword),
    )
    async def change_password(self, data: JSONBody[ChangePasswordIn], current_user: CurrentUserDep, db: Db) -> None:
        """Change the password. All other sessions end, this one stays."""
        await change_password(db, current_user, current=data.current, new=data.new)


def me_out(who: User | CurrentUser, *, permissions: Iterable[str], entitlements: Iterable[str]) -> MeOut:
    news = who.news_agreed_at is not None if isinstance(who, User) else who.gets_news
    return MeOut(who.id, who.email, who.name, who.locale, sorted(permissions), news, sorted(entitlements))
