"""The sign-in history of everybody, for who may look at it: those attempts that failed, too."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.admin.common import PEOPLE
from apps.accounts.devices.programs import program_name
from apps.accounts.models import SessionKind, SignIn, SignInMethod, SignInResult, User
from apps.accounts.permissions import PeoplePermission
from apps.backoffice.formats import link_of
from apps.backoffice.lists.filters import Choice, Days, Related, states, yes_or_no
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import PATH
from apps.backoffice.views.base import View
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

RESULTS: Mapping[SignInResult, Lazy] = {
    SignInResult.signed_in: _("Signed in successfully"),
    SignInResult.second_factor_asked: _("Code asked for"),
    SignInResult.unknown_address: _("Unknown address"),
    SignInResult.wrong_password: _("Wrong password"),
    SignInResult.wrong_second_factor: _("Wrong code"),
    SignInResult.too_many_attempts: _("Too many attempts"),
    SignInResult.refused: _("Refused"),
}
METHODS: Mapping[SignInMethod, Lazy] = {
    SignInMethod.password: _("Password"),
    SignInMethod.passkey: _("Passkey"),
    SignInMethod.oidc: _("Another site's account"),
    SignInMethod.link: _("Link by email"),
    SignInMethod.staff: _("Staff, as this fan"),
}
FAILURES = (
    SignInResult.unknown_address,
    SignInResult.wrong_password,
    SignInResult.wrong_second_factor,
    SignInResult.too_many_attempts,
    SignInResult.refused,
)


def result(row: SignIn, name: str, request: Request) -> str:
    return RESULTS[row.result].in_locale(locale_of(request))


def method(row: SignIn, name: str, request: Request) -> str:
    return METHODS[row.method].in_locale(locale_of(request))


def program(row: SignIn, name: str, request: Request) -> str:
    return program_name(row.program, locale_of(request))


def who(row: Any, name: str, request: Request) -> Any:
    """The user, or the address that nobody has."""
    if row.user_id is None:
        return row.email or "–"
    return link_of(f"{PATH}/user/details/{row.user_id}", row.who or "–", request)


class SignInAdmin(View, model=SignIn):
    name, name_plural, group = _("Sign-in attempt"), _("Sign-in history"), PEOPLE
    menu_place = 83
    permissions = {Access.LIST: PeoplePermission.SIGN_INS_VIEW, Access.DETAILS: PeoplePermission.SIGN_INS_VIEW}
    column_list = ["created_at", "who", "result", "method", "program", "address"]
    column_details_list = ["created_at", "who", "result", "method", "provider", "program", "address", "is_new_device"]
    column_labels = {
        "created_at": _("When"),
        "who": _("Who"),
        "result": _("Result"),
        "method": _("Method"),
        "provider": _("Other site"),
        "program": _("Program"),
        "address": _("IP address"),
        "is_new_device": _("New device"),
    }
    column_formatters: ClassVar[Any] = {"who": who, "result": result, "method": method, "program": program}
    sorts = {"created_at": Sort(SignIn.id, UUID, is_descending=True)}
    filters = (
        Choice("failed", _("Outcome"), {"yes": (_("Failed attempts"), SignIn.result.in_(FAILURES))}, is_counted=False),
        states("result", _("Result"), SignIn.result, RESULTS),
        states("method", _("Method"), SignIn.method, METHODS),
        states("kind", _("Where"), SignIn.kind, {SessionKind.browser: _("Browser"), SessionKind.api: _("API")}),
        yes_or_no("new", _("New device"), SignIn.is_new_device.is_(True)),
        Days("on", _("When"), SignIn.created_at, id=SignIn.id),
        Related("user", _("Who"), "user", lambda id: SignIn.user_id == id),
    )
    label_column = "result"
    search_help = _("Email or IP address")
    empty = _("No attempts yet.")

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        theirs = select(User.id).where(User.email == words.lower())
        return found.where(
            or_(SignIn.user_id.in_(theirs), SignIn.email == words.lower(), SignIn.address == words.strip())
        )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        ids = {row.user_id for row in rows if row.user_id}
        found = await session.execute(select(User.id, User.email).where(User.id.in_(ids)))
        emails = dict(found.tuples().all())
        for row in rows:
            row.who = emails.get(row.user_id, "")
