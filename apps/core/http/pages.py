"""Pages for people: a rendered template, not cached, in the reader's language."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from litestar import Response
from litestar.datastructures import Cookie

from apps.core.http.cookies import cookie
from apps.core.http.requests import LANGUAGE, AnyRequest, asked_locale, locale_of
from apps.core.security import csrf
from apps.core.text.i18n import LOCALES
from apps.core.text.templates import render

LANGUAGE_KEPT = timedelta(days=365)


def page(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    here: str = "",
    headers: Mapping[str, str] | None = None,
    **words: Any,
) -> Response[str]:
    """`here`: our path of this page, where a form's answer has another one."""
    locale = locale_of(request)
    tools = {
        "csrf": partial(csrf.token, request),
        "languages": language_links(here or own_path(request)),
        "status": status,
    }
    html = render(template, locale, tools | words)
    return Response(
        html,
        status_code=status,
        media_type="text/html",
        headers={
            "Content-Language": locale,
            "Vary": "Accept-Language, Cookie",
            "Cache-Control": "private, no-store",
            **(headers or {}),
        },
        cookies=[*csrf.new_cookies(request), *_chosen_language(request)],
    )


def own_path(request: AnyRequest) -> str:
    """Path and query of the request; never the address of another host (`//example.org`)."""
    path = quote("/" + request.url.path.lstrip("/"))
    return f"{path}?{request.url.query}" if request.url.query else path


def language_links(here: str) -> dict[str, str]:
    """This page in each of our languages."""
    path, _, query = here.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name != LANGUAGE]
    return {locale: f"{path}?{urlencode([*kept, (LANGUAGE, locale)])}" for locale in LOCALES}


def _chosen_language(request: AnyRequest) -> list[Cookie]:
    asked = asked_locale(request)
    return [cookie(LANGUAGE, asked, kept=LANGUAGE_KEPT)] if asked else []
