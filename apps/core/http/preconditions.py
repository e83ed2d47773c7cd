"""Lost updates: a resource carries a version (ETag), and a change names the version it was made from (If-Match).

RFC 9110, 8.8.3 and 13.1.1; RFC 6585, 3. The version is a hash of what was shown, so it covers all parts of a resource,
whoever changed them.
"""

from collections.abc import Collection
from hashlib import blake2b
from typing import Annotated, TypeVar

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _

Resource = TypeVar("Resource", bound=msgspec.Struct)
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", max_length=1000, required=False)]
PRIVATE = {"Cache-Control": "private, no-store"}
NOTHING: Collection[str] = ()


class VersionMissing(AppError):
    status = 428
    type = "version-missing"
    message = _("Say which version you change: send its ETag as If-Match.")


class VersionStale(AppError):
    status = 412
    type = "version-stale"
    message = _("Somebody has changed this meanwhile. Load it again and repeat your change.")


def version_of(resource: msgspec.Struct, *, live: Collection[str] = NOTHING) -> str:
    """A strong entity tag; the fields in `live` change by themselves and are left out."""
    fields = {name: value for name, value in msgspec.structs.asdict(resource).items() if name not in live}
    return f'"{blake2b(msgspec.json.encode(fields), digest_size=16).hexdigest()}"'


def shown(
    resource: Resource, *, status: int = 200, location: str | None = None, live: Collection[str] = NOTHING
) -> Response[Resource]:
    """`resource` with its version, for nobody's cache."""
    headers = {**PRIVATE, "ETag": version_of(resource, live=live)}
    if location is not None:
        headers["Location"] = location
    return Response(resource, status_code=status, headers=headers)


def refuse_stale(if_match: str | None, resource: msgspec.Struct, *, live: Collection[str] = NOTHING) -> None:
    """`resource` as it is now, under the lock of the row that is about to be changed."""
    if if_match is None:
        raise VersionMissing
    tags = {tag.strip() for tag in if_match.split(",")}
    if not tags & {"*", version_of(resource, live=live)}:
        raise VersionStale


def refuse_other_version(version: str, resource: msgspec.Struct, *, live: Collection[str] = NOTHING) -> None:
    """The same for a form, which was made from one version: neither a list of tags nor `*` is one."""
    if version != version_of(resource, live=live):
        raise VersionStale
