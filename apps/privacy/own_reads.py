"""What users see of what they asked for."""

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.privacy.erasing.erasing import what_is_open
from apps.privacy.repositories import newest_exports, open_erasure
from apps.privacy.schemas import MyDataOut, erasure_out, export_out


async def my_data(session: AsyncSession, current_user: CurrentUser, *, locale: str) -> MyDataOut:
    exports = await newest_exports(session, current_user.id)
    request = await open_erasure(session, current_user.id)
    waits_for = [each.in_locale(locale) for each in await what_is_open(session, current_user.id)]
    return MyDataOut(
        exports=[export_out(each) for each in exports],
        erasure=erasure_out(request, waits_for) if request else None,
        open=waits_for,
    )
