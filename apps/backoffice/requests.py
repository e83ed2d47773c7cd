"""What a request to the back office carries: who asks, in which language, and what they posted."""

from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request

from apps.accounts.current_user import CurrentUser
from apps.backoffice.forms.uploads import LARGEST_FORM, LARGEST_REQUEST, read_uploads
from apps.core.db.database import Database
from apps.core.errors import TooLarge
from apps.core.http.cookies import cookie_name
from apps.core.http.requests import LANGUAGE
from apps.core.security.csrf import Forged
from apps.core.security.signing import sign, unsign
from apps.core.text.i18n import LOCALES, preferred_locale
from project.settings import settings

FORM = "form"
TOLD = "told"
"""The cookie in which a form that was sent tells the next page what it has done."""
PURPOSE = "back office"
MOST_FIELDS = 5000
MULTIPART = "multipart/form-data"


def db_of(request: Request) -> Database:
    db: Database = request.state.db
    return db


def current_user_of(request: Request) -> CurrentUser:
    current_user: CurrentUser = request.state.current_user
    return current_user


def locale_of(request: Request) -> str:
    """`?lang=`, else the choice kept from before, else the person's own, else the browser's."""
    chosen = (request.query_params.get(LANGUAGE), request.cookies.get(cookie_name(LANGUAGE)))
    if known := next((each for each in chosen if each in LOCALES), None):
        return known
    current_user: CurrentUser | None = getattr(request.state, "current_user", None)
    header = request.headers.get("accept-language", "")
    return current_user.locale if current_user else preferred_locale(header, default=settings.locale)


def done_of(request: Request) -> str:
    """What was done a moment ago, for the page that it led to."""
    done, _, path = request.cookies.get(cookie_name(TOLD), "").partition("|")
    return done if path == request.url.path else ""


def form_token(request: Request) -> str:
    """For the hidden field of every form: bound to the session."""
    return sign(PURPOSE, current_user_of(request).session_id)


async def posted(request: Request) -> FormData:
    """The form that was sent. Raises Forged, TooLarge."""
    form = await read_form(request)
    refuse_forged(request, form)
    return form


def refuse_forged(request: Request, form: FormData) -> None:
    """Raises Forged when it was not made for this session."""
    token = unsign(PURPOSE, str(form.get(FORM, "")))
    if token is None or token.id != current_user_of(request).session_id:
        raise Forged


async def read_form(request: Request) -> FormData:
    """Of who may not be known yet. Raises TooLarge."""
    _refuse_large(request, LARGEST_FORM)
    return await request.form(max_files=20, max_fields=MOST_FIELDS, max_part_size=LARGEST_FORM)


async def read_form_with_files(request: Request) -> FormData:
    """Only of who may send some. Raises TooLarge, BadRequest."""
    if not request.headers.get("content-type", "").startswith(MULTIPART):
        return await read_form(request)
    _refuse_large(request, LARGEST_REQUEST)
    return await read_uploads(request, largest_text=LARGEST_FORM, most_fields=MOST_FIELDS)


def _refuse_large(request: Request, limit: int) -> None:
    """Browsers tell the length of what they send; what comes in chunks has none."""
    length = request.headers.get("content-length")
    if length is None or not length.isdecimal() or int(length) > limit:
        raise TooLarge


def id_of(text: str) -> UUID | None:
    """None for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        return None
