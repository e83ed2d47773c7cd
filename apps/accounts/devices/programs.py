"""What people call the program that they are signed in with."""

from functools import lru_cache

from ua_parser import parse

from apps.core.text.i18n import lazy as _

ON = _("{browser} on {system}")
UNKNOWN = _("an unknown program")


@lru_cache(maxsize=1024)
def program_name(user_agent: str, locale: str) -> str:
    """“Firefox on Windows” of a User-Agent."""
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    if browser and system:
        return ON.in_locale(locale).format(browser=browser, system=system)
    return browser or system or user_agent[:40] or UNKNOWN.in_locale(locale)
