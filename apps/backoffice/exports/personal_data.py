"""What exports of lists hold about people: whose they are, and anybody may stand in their lines."""

from typing import Any

from sqlalchemy import false
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.backoffice.exports.repositories import EXPORTS, PARTS, end_all
from apps.core.privacy.holdings import Rows, of_user
from apps.core.privacy.person import Person
from apps.core.text.i18n import lazy as _


class PartRows(Rows):
    """Nobody can be found in what is compressed: an erasure ends all exports, which can be made anew."""

    async def export(self, connection: AsyncConnection, person: Person) -> list[dict[str, Any]]:
        return []

    async def erase(self, connection: AsyncConnection, person: Person) -> None:
        await end_all(connection)


LINES = _("Lines of exported lists")
HELD = (
    Rows(table=EXPORTS, title=_("Lists that you have exported"), theirs=of_user(EXPORTS), hidden=("place",)),
    PartRows(table=PARTS, title=LINES, theirs=lambda person: false(), hidden=("data",)),
)
