"""How who is signed in signs in: password, second factor, devices, history."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from apps.accounts.devices.programs import program_name
from apps.accounts.own_reads import own_sessions, own_sign_ins
from apps.accounts.passkeys.challenges import PasskeyRefused, relying_party
from apps.accounts.passkeys.passkeys import add_passkey, remove_passkey
from apps.accounts.passkeys.signing_in import prove_by_passkey
from apps.accounts.second_factor.enrolling import (
    begin_totp,
    confirm_totp,
    remove_totp,
    renew_recovery_codes,
)
from apps.accounts.services import change_password
from apps.accounts.sessions.browser import browser_origin
from apps.accounts.sessions.limits import PASSWORD_CHANGES, TRIES
from apps.accounts.sessions.proof import prove_by_code, prove_by_password, refuse_stale_proof
from apps.accounts.sessions.sessions import end_one_session, end_other_sessions
from apps.accounts.users.last_sign_in import LastSignIn
from apps.core.errors import AppError
from apps.core.http.forms import fill, typed_in
from apps.core.http.rate_limits import LimitsDependency
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.controllers.security_pages import SECURITY, security_page
from apps.site.account.forms import SENTENCES, ChangePasswordForm, CodeForm, ProofForm, account_page
from apps.site.account.own_pages import OwnPageController, Visitor, safe_next

After = Annotated[str, QueryParameter(name="after", max_length=200, required=False)]
Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]
Next = Annotated[str, QueryParameter(name="next", max_length=500, required=False)]
SIGN_INS_A_PAGE = 20
LONGEST_NAME = 120


class SecurityPageController(OwnPageController):
    path = "/account"

    @get("/security")
    async def show(self, visitor: Visitor, request: AnyRequest, db: Db, done: Done = "") -> Response[str]:
        return await security_page(request, db, visitor, "security", done=done)

    @post("/password", limit=PASSWORD_CHANGES)
    async def change_password(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        form = fill(ChangePasswordForm, await typed_in(request), SENTENCES)
        if form.value is None:
            return await security_page(request, db, visitor, "security", form)
        try:
            await change_password(db, visitor, current=form.value.current, new=form.value.new)
        except AppError as refusal:
            return await security_page(request, db, visitor, "security", form, refusal)
        return Redirect(f"{SECURITY}?done=password", status_code=303)

    @get("/second-factor")
    async def show_app(self, visitor: Visitor, request: AnyRequest, db: Db, next: Next = "") -> Response[str]:
        """What was begun by the form, as long as it waits for its first code."""
        refuse_stale_proof(visitor)
        return await security_page(request, db, visitor, "second_factor", next=safe_next(next))

    @post("/second-factor", limit=PASSWORD_CHANGES)
    async def begin_app(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[None]:
        next = safe_next((await typed_in(request)).get("next", ""))
        async with db.begin() as session:
            await begin_totp(session, visitor)
        return Redirect(f"/account/second-factor?next={quote(next, safe='/')}", status_code=303)

    @post("/second-factor/confirm", limit=TRIES)
    async def confirm_app(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        typed = await typed_in(request)
        form, next = fill(CodeForm, typed, SENTENCES), safe_next(typed.get("next", ""))
        if form.value is None:
            return await security_page(request, db, visitor, "second_factor", form, next=next)
        try:
            async with db.begin() as session:
                codes = await confirm_totp(session, visitor, form.value.code)
        except AppError as refusal:
            return await security_page(request, db, visitor, "second_factor", form, refusal, next=next)
        return await account_page(request, db, "recovery_codes", codes=codes, next=next)

    @post("/second-factor/remove", limit=PASSWORD_CHANGES)
    async def remove_app(self, visitor: Visitor, db: Db) -> Response[None]:
        async with db.begin() as session:
            await remove_totp(session, visitor)
        return Redirect(f"{SECURITY}?done=app", status_code=303)

    @post("/recovery-codes", limit=PASSWORD_CHANGES)
    async def renew_codes(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        async with db.begin() as session:
            codes = await renew_recovery_codes(session, visitor)
        return await account_page(request, db, "recovery_codes", codes=codes, next=SECURITY)

    @get("/passkeys")
    async def show_passkeys(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        return await security_page(request, db, visitor, "passkeys")

    @post("/passkeys", limit=PASSWORD_CHANGES)
    async def add_passkey(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        typed = await typed_in(request)
        answer, name = typed.get("passkey", ""), typed.get("name", "")[:LONGEST_NAME]
        name = name or program_name(browser_origin(request).program, locale_of(request))
        try:
            async with db.begin() as session:
                codes = await add_passkey(session, visitor, relying_party(request), answer=answer, name=name)
        except PasskeyRefused as refusal:
            return await security_page(request, db, visitor, "passkeys", refusal=refusal)
        if codes:
            return await account_page(request, db, "recovery_codes", codes=codes, next=SECURITY)
        return Redirect(f"{SECURITY}?done=passkey", status_code=303)

    @post("/passkeys/{id:uuid}/remove", limit=PASSWORD_CHANGES)
    async def remove_passkey(
        self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db
    ) -> Response[str] | Response[None]:
        try:
            async with db.begin() as session:
                await remove_passkey(session, visitor, id)
        except LastSignIn as refusal:
            return await security_page(request, db, visitor, "security", refusal=refusal)
        return Redirect(f"{SECURITY}?done=removed", status_code=303)

    @post("/prove/passkey", limit=TRIES)
    async def prove_by_passkey(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        typed = await typed_in(request)
        next = safe_next(typed.get("next", ""))
        try:
            await prove_by_passkey(db, visitor, relying_party(request), answer=typed.get("passkey", ""))
        except AppError as refusal:
            return await security_page(request, db, visitor, "prove", refusal=refusal, next=next)
        return Redirect(next, status_code=303)

    @get("/prove")
    async def ask_for_proof(self, visitor: Visitor, request: AnyRequest, db: Db, next: Next = "") -> Response[str]:
        return await security_page(request, db, visitor, "prove", next=safe_next(next))

    @post("/prove", limit=TRIES)
    async def prove(
        self, visitor: Visitor, request: AnyRequest, db: Db, limits: LimitsDependency
    ) -> Response[str] | Response[None]:
        typed, origin = await typed_in(request), browser_origin(request)
        form, next = fill(ProofForm, typed, SENTENCES), safe_next(typed.get("next", ""))
        if form.value is None:
            return await security_page(request, db, visitor, "prove", form, next=next)
        try:
            if form.value.code:
                await prove_by_code(db, limits, origin, visitor, form.value.code)
            else:
                await prove_by_password(db, limits, origin, visitor, form.value.password)
        except AppError as refusal:
            return await security_page(request, db, visitor, "prove", form, refusal, next=next)
        return Redirect(next, status_code=303)

    @get("/devices")
    async def show_devices(
        self, visitor: Visitor, request: AnyRequest, db: Db, after: After = "", done: Done = ""
    ) -> Response[str]:
        locale = locale_of(request)
        async with db.reads() as reads:
            sessions = await own_sessions(reads, visitor, locale=locale)
            sign_ins = await own_sign_ins(reads, visitor, locale=locale, limit=SIGN_INS_A_PAGE, after=after or None)
        return await account_page(request, db, "devices", sessions=sessions, sign_ins=sign_ins, after=after, done=done)

    @post("/devices/{id:uuid}/end")
    async def end_device(self, id: FromPath[UUID], visitor: Visitor, db: Db) -> Response[None]:
        async with db.begin() as session:
            await end_one_session(session, visitor, id)
        return Redirect("/account/devices?done=one", status_code=303)

    @post("/sign-out-others")
    async def sign_out_others(self, visitor: Visitor, db: Db) -> Response[None]:
        async with db.begin() as session:
            await end_other_sessions(session, visitor)
        return Redirect("/account/devices?done=others", status_code=303)
