"""What is shown of API keys, one query each."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.api_keys.authentication import KEYS
from apps.accounts.api_keys.making import MadeKey
from apps.accounts.api_keys.schemas import ApiKeyOut, ApiKeyStaffOut, NewApiKeyOut, NewApiKeyStaffOut
from apps.accounts.current_user import CurrentUser
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page

MOST_SHOWN = 100
NEWEST = Keyset((KEYS.c.id,), (UUID,), is_descending=True)
SHOWN = [KEYS.c[name] for name in ApiKeyOut.__struct_fields__]


class ApiKeyQuery(Struct, frozen=True, tag="api-keys"):
    """All of them: the tag alone tells its cursors from those of other lists."""


async def own_keys(reads: AsyncConnection, current_user: CurrentUser) -> list[ApiKeyOut]:
    """The newest first, without those that were revoked."""
    mine = select(*SHOWN).where(KEYS.c.user_id == current_user.id, KEYS.c.revoked_at.is_(None))
    return [
        ApiKeyOut(**row) for row in (await reads.execute(mine.order_by(KEYS.c.id.desc()).limit(MOST_SHOWN))).mappings()
    ]


async def list_keys(reads: AsyncConnection, *, limit: int, after: str | None) -> Page[ApiKeyStaffOut]:
    """The newest first. Raises BadCursor."""
    return await page_by_key(reads, _keys(), NEWEST, staff_key, query=ApiKeyQuery(), limit=limit, after=after)


async def show_key(session: AsyncSession, id: UUID) -> ApiKeyStaffOut:
    """Raises NotFound."""
    row = (await session.execute(_keys().where(KEYS.c.id == id))).one_or_none()
    if row is None:
        raise NotFound
    return staff_key(row)


def _keys() -> Select[Any]:
    return select(*SHOWN, KEYS.c.user_id)


def staff_key(row: Any) -> ApiKeyStaffOut:
    """From a row or the model."""
    return ApiKeyStaffOut(**_facts(row), user=row.user_id)


def new_key(made: MadeKey) -> NewApiKeyOut:
    return NewApiKeyOut(**_facts(made.row), key=made.key)


def new_staff_key(made: MadeKey) -> NewApiKeyStaffOut:
    return NewApiKeyStaffOut(**_facts(made.row), user=made.row.user_id, key=made.key)


def _facts(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ApiKeyOut.__struct_fields__}
