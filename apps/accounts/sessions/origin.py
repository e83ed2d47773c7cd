"""Where a request to sign in comes from."""

from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection

from apps.core.http.rate_limits import caller
from apps.core.security.networks import address_of

LONGEST_PROGRAM = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """`caller`: who asks, as limits count them. `address`: of the client. `program`: its User-Agent.

    `device_token`: what the device keeps from a sign-in before (see `known_devices.py`). `session_token`: the cookie of
    the session that a browser has already, which a new one takes the place of.
    """

    caller: str
    address: str
    program: str
    device_token: str = ""
    session_token: str = ""


def origin_of(connection: ASGIConnection[Any, Any, Any, Any], *, device_token: str, session_token: str = "") -> Origin:
    program = "".join(each for each in connection.headers.get("user-agent", "") if each.isprintable())
    return Origin(caller(connection), address_of(connection), program[:LONGEST_PROGRAM], device_token, session_token)
