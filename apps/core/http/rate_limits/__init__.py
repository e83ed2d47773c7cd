"""How often one caller may do a thing, counted exactly over all processes.

A handler says `limit=limited("checkout", 30, per=timedelta(minutes=1))`. What is counted by something else than the
caller (the account that is tried at sign-in) calls `await limits.hit(SIGN_IN, email)`. A hit counts at once, in a
transaction of its own, whatever becomes of the request.
"""

from apps.core.http.rate_limits.counts import open_limits
from apps.core.http.rate_limits.limit import (
    Limit,
    Limits,
    LimitsDependency,
    TooManyRequests,
    caller,
    header_lines,
    limited,
)

__all__ = ["Limit", "Limits", "LimitsDependency", "TooManyRequests", "caller", "header_lines", "limited", "open_limits"]
