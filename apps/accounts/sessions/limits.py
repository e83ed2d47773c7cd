"""How often somebody may try to sign in, and have mails sent to an address."""

from datetime import timedelta
from typing import NamedTuple

from apps.core.http.rate_limits import Limit, Limits

TRIES = Limit("tokens", 60, timedelta(minutes=1))
"""Of one caller, as whoever it may be."""


class TryLimits(NamedTuple):
    """Of tries to be one person: by one caller, so that a stranger's do not keep the person out; on a device where they
    have signed in before, whatever others do elsewhere; and over all callers, of what the first lets through.
    """

    from_one_place: Limit
    on_known_device: Limit
    from_anywhere: Limit


PASSWORD_TRIES = TryLimits(
    Limit("sign-in", 20, timedelta(minutes=10)),
    Limit("sign-in-on-device", 20, timedelta(minutes=10)),
    Limit("sign-in-from-anywhere", 200, timedelta(minutes=10)),
)
CODE_TRIES = TryLimits(
    Limit("code", 5, timedelta(minutes=10)),
    Limit("code-on-device", 10, timedelta(minutes=10)),
    Limit("code-from-anywhere", 20, timedelta(hours=1)),
)
"""Of codes, by who knows the password: three of a million are right at a time."""


class MailLimits(NamedTuple):
    """Of mails to one address: how many one caller may ask for, and how many all, so that no mailbox is flooded."""

    from_one_place: Limit
    from_anywhere: Limit


DAY = timedelta(days=1)
MOST_MAILS = 10
"""To one address a day, of those that anybody can ask for who knows it."""
REGISTRATION_MAILS = MailLimits(
    Limit("registration-mail", 5, timedelta(hours=1)), Limit("registration-mail-from-anywhere", MOST_MAILS, DAY)
)
RESET_MAILS = MailLimits(Limit("reset-mail", 5, timedelta(hours=1)), Limit("reset-mail-from-anywhere", MOST_MAILS, DAY))
"""Apart from registrations, so that nobody's registrations keep the owner from a reset; and who asks on a device where
the owner has signed in counts by that device alone."""
EMAIL_CHANGE_MAILS = MailLimits(
    Limit("email-change-mail", 5, timedelta(hours=1)), Limit("email-change-mail-from-anywhere", MOST_MAILS, DAY)
)
REGISTRATIONS = Limit("register", 60, timedelta(hours=1))
"""Of one caller, links to open an account or to set a password. Mobile carriers put thousands of people behind one
address, and after a concert goes on sale dozens of them register: the mailboxes of others are guarded by the limits of
an address, so this one only bounds what a script can have mailed at all."""
NOTED_PASSKEYS = Limit("noted-passkey", 10, timedelta(minutes=10))
"""Of one user, refused ones that stand in the history."""
PASSWORD_CHANGES = Limit("password", 10, timedelta(minutes=10))
PROFILE_CHANGES = Limit("profile", 30, timedelta(minutes=10))
"""Each is kept in the audit log for ever."""


async def count_mail(limits: Limits, mails: MailLimits, *, email: str, by: str, device: str | None = None) -> None:
    """The same whether or not there is an account. `device`: the known device that it is asked from.

    Raises TooManyRequests.
    """
    if device:
        await limits.hit(mails.from_one_place, device)
        return
    await limits.hit(mails.from_one_place, f"{email}\0{by}")
    await limits.hit(mails.from_anywhere, email)


async def count_try(limits: Limits, tries: TryLimits, *, email: str, by: str, device: str | None) -> None:
    """`by` is who asks, as limits count them; `device` the known device that they ask from. Raises TooManyRequests."""
    if device:
        await limits.hit(tries.on_known_device, device)
        return
    await limits.hit(tries.from_one_place, f"{email}\0{by}")
    await limits.hit(tries.from_anywhere, email)
