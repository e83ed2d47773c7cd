"""Cookies of the pages. Served over https, each is bound to this very host by its name (RFC 6265bis, 4.1.3.2)."""

from datetime import timedelta

from litestar.datastructures import Cookie

from project.settings import settings

SECURE = settings.base_url.startswith("https://")


def cookie_name(name: str) -> str:
    return f"__Host-{name}" if SECURE else name


def cookie(name: str, value: str, *, kept: timedelta | None = None) -> Cookie:
    """Out of scripts' reach; without `kept` it goes when the browser is closed."""
    return Cookie(
        key=cookie_name(name),
        value=value,
        path="/",
        max_age=int(kept.total_seconds()) if kept else None,
        httponly=True,
        secure=SECURE,
        samesite="lax",
    )


def no_cookie(name: str) -> Cookie:
    """Takes it away."""
    gone = cookie(name, "")
    gone.max_age = 0
    return gone
