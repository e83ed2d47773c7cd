"""How often somebody may try to sign in, and have mails sent to an address."""

from datetime import timedelta
from typing import NamedTuple

from apps.accounts.sessions.devices import device_of
from apps.core.http.rate_limits import Limit, Limits

TRIES = Limit("tokens", 60, timedelta(minutes=1))
"""Of one caller, as whoever it may be."""
ONE_ACCOUNT_FROM_ONE_PLACE = Limit("sign-in", 20, timedelta(minutes=10))
"""Tries to sign in as one person by one caller, so that a stranger's do not keep the person out."""
ONE_ACCOUNT_ON_KNOWN_DEVICE = Limit("sign-in-on-device", 20, timedelta(minutes=10))
"""Tries on a device where the user has signed in before, whatever others do elsewhere."""
ONE_ACCOUNT = Limit("sign-in-from-anywhere", 200, timedelta(minutes=10))
"""The same over all callers, counting only what the first lets through."""


class MailLimits(NamedTuple):
    """Of mails to one address: how many one caller may ask for, and how many all, so that no mailbox is flooded."""

    from_one_place: Limit
    from_anywhere: Limit


REGISTRATION_MAILS = MailLimits(
    Limit("registration-mail", 5, timedelta(hours=1)),
    Limit("registration-mail-from-anywhere", 20, timedelta(hours=1)),
)
RESET_MAILS = MailLimits(
    Limit("reset-mail", 5, timedelta(hours=1)), Limit("reset-mail-from-anywhere", 20, timedelta(hours=1))
)
"""Apart from registrations: a stranger who uses these up has had a link mailed to the owner that still works."""
REGISTRATIONS = Limit("register", 10, timedelta(minutes=10))
"""Of one caller, links to open an account or to set a password."""
PASSWORD_CHANGES = Limit("password", 10, timedelta(minutes=10))
PROFILE_CHANGES = Limit("profile", 30, timedelta(minutes=10))
"""Each is kept in the audit log for ever."""


async def count_mail(limits: Limits, mails: MailLimits, *, email: str, by: str) -> None:
    """The same whether or not there is an account. Raises TooManyRequests."""
    await limits.hit(mails.from_one_place, f"{email}\0{by}")
    await limits.hit(mails.from_anywhere, email)


async def count_try(limits: Limits, *, email: str, by: str, device: str = "") -> None:
    """`by` is who asks, as limits count them; `device` the token that their device keeps. Raises TooManyRequests."""
    if known := device_of(device, email):
        await limits.hit(ONE_ACCOUNT_ON_KNOWN_DEVICE, known)
        return
    await limits.hit(ONE_ACCOUNT_FROM_ONE_PLACE, f"{email}\0{by}")
    await limits.hit(ONE_ACCOUNT, email)
