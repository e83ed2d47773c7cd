"""Films on the front page, and their link in the head of every page."""

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.text.i18n import lazy as _
from apps.site.sections import Found, Link, Section


async def films(reads: AsyncConnection, locale: str) -> Found:
    return {"films": ["Night on the quay"]}


LINKS = (Link(15, "/films", _("Films")),)
SECTIONS = (Section(rank=25, template="site/films/_films.html", find=films),)
