"""API schemas of API keys."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import FILLED

KeyName = Annotated[str, Meta(min_length=1, max_length=120, pattern=FILLED, examples=["Label printer"])]
KeyPermissions = Annotated[
    list[Annotated[str, Meta(max_length=60)]],
    Meta(min_length=1, max_length=200, description="Some of your own.", examples=[["products.view"]]),
]


class ApiKeyIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A key to be made. Without `expires_at` it works until it is revoked."""

    name: KeyName
    permissions: KeyPermissions
    expires_at: AwareDatetime | None = None


class ApiKeyOut(Struct, kw_only=True):
    """`prefix` is how the key begins. `used_at`: when it was used last, to some minutes. `revoked_at`: when revoked."""

    id: UUID
    name: str
    prefix: Annotated[str, Meta(examples=["bl_3kq8zx1m"])]
    permissions: list[str]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class NewApiKeyOut(ApiKeyOut, kw_only=True):
    """`key` is told this once: it goes into `Authorization: Bearer …`."""

    key: str


class ApiKeyStaffOut(ApiKeyOut, kw_only=True):
    """`user`: whose key it is; null for the band's own."""

    user: UUID | None


class NewApiKeyStaffOut(ApiKeyStaffOut, kw_only=True):
    """`key` is told this once: it goes into `Authorization: Bearer …`."""

    key: str
