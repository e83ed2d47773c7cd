"""The addresses of who is signed in, over the API."""

from uuid import UUID

from litestar import Controller, delete, get, post, put
from litestar.params import FromPath, JSONBody

from apps.accounts.addresses.addresses import (
    KeptAddress,
    TooManyAddresses,
    add_address,
    change_address,
    list_addresses,
    make_default,
    remove_address,
)
from apps.accounts.guards import CurrentUserDep, signed_in
from apps.accounts.schemas import AddressIn
from apps.accounts.sessions.limits import PROFILE_CHANGES
from apps.core.errors import NotFound
from apps.core.http.openapi import problems
from apps.core.http.requests import PERSONAL, SMALL_BODY, Reads, Session


class AddressController(Controller):
    path = "/api/v1/me/addresses"
    cache_control = PERSONAL
    request_max_body_size = SMALL_BODY
    guards = [signed_in]
    tags = ["Account"]

    @get("/", operation_id="listMyAddresses")
    async def list(self, current_user: CurrentUserDep, reads: Reads) -> list[KeptAddress]:
        """Where parcels go: the default first, then the newest; 20 at most."""
        return [*await list_addresses(reads, current_user.id)]

    @post(
        "/",
        status_code=201,
        operation_id="addMyAddress",
        limit=PROFILE_CHANGES,
        responses=problems(TooManyAddresses),
    )
    async def add(self, data: JSONBody[AddressIn], current_user: CurrentUserDep, session: Session) -> KeptAddress:
        """Keep an address. The first is the default; the same once more is the one that is there."""
        return await add_address(session, current_user, name=data.name, address=data.address)

    @put("/{id:uuid}", operation_id="changeMyAddress", limit=PROFILE_CHANGES, responses=problems(NotFound))
    async def change(
        self, id: FromPath[UUID], data: JSONBody[AddressIn], current_user: CurrentUserDep, session: Session
    ) -> KeptAddress:
        """Put another one in its place."""
        return await change_address(session, current_user, id, name=data.name, address=data.address)

    @post(
        "/{id:uuid}/default",
        status_code=204,
        operation_id="makeMyAddressDefault",
        limit=PROFILE_CHANGES,
        responses=problems(NotFound),
    )
    async def make_default(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> None:
        """Checkout begins with it from now on."""
        await make_default(session, current_user, id)

    @delete("/{id:uuid}", operation_id="removeMyAddress")
    async def remove(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> None:
        """One that is not there is no error."""
        await remove_address(session, current_user, id)
