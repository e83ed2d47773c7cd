"""What is typed into the forms of an account, and how a form that was not right is shown again."""

from typing import Any, TypeVar

from litestar import Response
from msgspec import Struct

from apps.accounts.schemas import Code, Password, TypedPassword
from apps.core.db.database import Database
from apps.core.errors import AppError, Invalid
from apps.core.http.forms import NOTHING, Filled
from apps.core.http.requests import AnyRequest, locale_of
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Email, FilledText, Locale
from apps.site.pages import site_page

Kind = TypeVar("Kind", bound=Struct)
HEADERS = {"X-Robots-Tag": "noindex"}
NO_REFERRER = {"Referrer-Policy": "no-referrer"}
OF_LINKS = {"confirm", "confirm_address", "not_me", "reset"}
"""Pages with the token of a link in their address."""
EMPTY: Filled[Any] = Filled(NOTHING, NOTHING, None)
EMAIL = _("An email address looks like name@example.org.")
PASSWORD = _("A password has 8 to 128 characters.")
SENTENCES = {"email": EMAIL, "password": PASSWORD, "new": PASSWORD}


class SignInForm(Struct):
    email: Email
    password: TypedPassword


class RegisterForm(Struct):
    email: Email
    name: FilledText
    password: Password
    news: bool = False


class EmailForm(Struct):
    email: Email


class TypedPasswordForm(Struct):
    password: TypedPassword


class NewPasswordForm(Struct):
    password: Password


class DetailsForm(Struct):
    name: FilledText
    locale: Locale
    news: bool = False


class CodeForm(Struct):
    code: Code


class ProofForm(Struct):
    password: TypedPassword = ""
    code: Code = ""


class ChangePasswordForm(Struct):
    current: TypedPassword
    new: Password


async def account_page(
    request: AnyRequest,
    db: Database,
    template: str,
    form: Filled[Any] = EMPTY,
    refusal: AppError | None = None,
    **words: Any,
) -> Response[str]:
    """The page with a form: as it was typed, with what is wrong beside the fields, or above them."""
    if isinstance(refusal, Invalid):
        form = Filled(form.typed, {each.field: each.message for each in refusal.details["errors"]}, None)
    status = refusal.status if refusal else 422 if form.errors else 200
    sentence = "" if refusal is None or form.errors else refusal.sentence(locale_of(request))
    async with db.reads() as reads:
        return await site_page(
            request,
            reads,
            template if "/" in template else f"site/account/{template}.html",
            status=status,
            headers={
                **HEADERS,
                **(NO_REFERRER if template in OF_LINKS else {}),
                **(refusal.headers if refusal else {}),
            },
            form=form,
            refusal=sentence,
            **words,
        )
