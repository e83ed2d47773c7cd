"""Addresses of a user: the first is the default, and after it whichever was made so."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import UserAddress
from apps.accounts.repositories import UserRepository
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import lazy as _
from apps.core.text.postal import Address
from apps.core.text.postal_rules import refuse_wrong_customer

ADDRESSES = UserAddress.table()
MOST = 20


class TooManyAddresses(AppError):
    status = 409
    type = "too-many-addresses"
    message = _("This account has as many addresses as one can have. Remove one first.")


class KeptAddress(msgspec.Struct):
    """`is_default`: checkout begins with it."""

    id: UUID
    name: str
    address: Address
    is_default: bool


async def list_addresses(reads: AsyncConnection, user_id: UUID) -> Sequence[KeptAddress]:
    """The default first, then the newest: one query."""
    found = select(ADDRESSES).where(ADDRESSES.c.user_id == user_id)
    rows = await reads.execute(found.order_by(ADDRESSES.c.is_default.desc(), ADDRESSES.c.id.desc()).limit(MOST))
    return [KeptAddress(row.id, row.name, msgspec.convert(row.address, Address), row.is_default) for row in rows]


async def add_address(session: AsyncSession, current_user: CurrentUser, *, name: str, address: Address) -> KeptAddress:
    """The same once more is the one that is there. Raises Invalid, TooManyAddresses."""
    plain = _checked(name, address)
    await UserRepository(session=session).find_locked(current_user.id)
    kept = await _all_of(session, current_user.id)
    if same := next((each for each in kept if (each.name, each.address) == (name.strip(), plain)), None):
        return KeptAddress(same.id, same.name, address, same.is_default)
    if len(kept) >= MOST:
        raise TooManyAddresses
    new = UserAddress(user_id=current_user.id, name=name.strip(), address=plain, is_default=not kept)
    session.add(new)
    await session.flush()
    return KeptAddress(new.id, new.name, address, new.is_default)


async def change_address(
    session: AsyncSession, current_user: CurrentUser, id: UUID, *, name: str, address: Address
) -> KeptAddress:
    """Raises Invalid, NotFound."""
    plain = _checked(name, address)
    kept = await _find(session, current_user, id)
    kept.name, kept.address = name.strip(), plain
    await session.flush()
    return KeptAddress(kept.id, kept.name, address, kept.is_default)


async def make_default(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """Raises NotFound."""
    kept = await _find(session, current_user, id)
    await session.execute(update(ADDRESSES).where(ADDRESSES.c.user_id == current_user.id).values(is_default=False))
    await session.execute(update(ADDRESSES).where(ADDRESSES.c.id == kept.id).values(is_default=True))


async def remove_address(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """Nothing where it is none of the user's. The newest becomes the default in the place of one that was."""
    await UserRepository(session=session).find_locked(current_user.id)
    mine = (ADDRESSES.c.user_id == current_user.id, ADDRESSES.c.id == id)
    removed = (await session.execute(delete(ADDRESSES).where(*mine).returning(ADDRESSES.c.is_default))).first()
    if removed and removed.is_default and (left := await _all_of(session, current_user.id)):
        left[0].is_default = True
        await session.flush()


async def _find(session: AsyncSession, current_user: CurrentUser, id: UUID) -> UserAddress:
    await UserRepository(session=session).find_locked(current_user.id)
    mine = select(UserAddress).where(UserAddress.user_id == current_user.id, UserAddress.id == id)
    kept = (await session.scalars(mine)).one_or_none()
    if kept is None:
        raise NotFound
    return kept


async def _all_of(session: AsyncSession, user_id: UUID) -> Sequence[UserAddress]:
    """The newest first."""
    found = select(UserAddress).where(UserAddress.user_id == user_id).order_by(UserAddress.id.desc())
    return (await session.scalars(found)).all()


def _checked(name: str, address: Address) -> dict[str, str]:
    plain: dict[str, str] = msgspec.to_builtins(address)
    refuse_wrong_customer(name, plain)
    return plain
