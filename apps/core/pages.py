"""Pages for people: a rendered template, not cached, in the reader's language."""

from typing import Any

from litestar import Response

from apps.core.requests import AnyRequest, locale_of
from apps.core.templates import render


def page(request: AnyRequest, template: str, *, status: int = 200, **words: Any) -> Response[str]:
    locale = locale_of(request)
    html = render(template, locale, {"request": request, **words})
    headers = {"Content-Language": locale, "Vary": "Accept-Language", "Cache-Control": "private, no-store"}
    return Response(html, status_code=status, media_type="text/html", headers=headers)
