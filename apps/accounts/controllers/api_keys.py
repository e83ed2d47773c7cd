"""API keys over the API: one's own, and as staff see them."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from apps.accounts.api_keys.making import KeyNameTaken, TooManyKeys, make_band_key, make_own_key
from apps.accounts.api_keys.reads import list_keys, new_key, new_staff_key, own_keys, show_key
from apps.accounts.api_keys.revoking import ApiKeyRepository, revoke_key, revoke_own_key
from apps.accounts.api_keys.schemas import ApiKeyIn, ApiKeyOut, ApiKeyStaffOut, NewApiKeyOut, NewApiKeyStaffOut
from apps.accounts.current_user import SessionNeeded
from apps.accounts.guards import CurrentUserDep, Staff, fresh_proof, requires, signed_in
from apps.accounts.permissions import PeoplePermission
from apps.accounts.sessions.limits import PASSWORD_CHANGES
from apps.accounts.sessions.proof import ProofNeeded
from apps.accounts.users.authority import BeyondYourPermissions
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, SECRET, SMALL_BODY, Reads, Session

SEE, EDIT = [requires(PeoplePermission.API_KEYS_VIEW)], [requires(PeoplePermission.API_KEYS_EDIT)]
STAFF = "/api/v1/staff/api-keys"
REFUSALS = (ProofNeeded, BeyondYourPermissions, TooManyKeys, KeyNameTaken)


class OwnApiKeyController(Controller):
    path = "/api/v1/me/api-keys"
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    guards = [signed_in]
    tags = ["Account"]

    @get("/", operation_id="listMyApiKeys")
    async def list(self, current_user: CurrentUserDep, reads: Reads) -> list[ApiKeyOut]:
        """Your API keys, the newest first, without those that were revoked."""
        return await own_keys(reads, current_user)

    @post("/", status_code=201, operation_id="createMyApiKey", limit=PASSWORD_CHANGES, responses=problems(*REFUSALS))
    async def create(self, data: JSONBody[ApiKeyIn], current_user: CurrentUserDep, session: Session) -> NewApiKeyOut:
        """Make an API key of permissions that you have. The answer is the only one with the key. Needs a fresh proof.

        The key is kept nowhere, so there is no `Idempotency-Key`: a repeat is refused by its name.
        """
        return new_key(await make_own_key(session, current_user, data))

    @delete("/{id:uuid}", operation_id="revokeMyApiKey")
    async def revoke(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> None:
        """Revoke a key: it opens nothing from now on."""
        await revoke_own_key(session, current_user, id)


class ApiKeyStaffController(Controller):
    path = STAFF
    tags = ["Staff: people"]

    @get("/", guards=SEE, cache_control=PERSONAL)
    async def list(self, reads: Reads, limit: PageSize = 20, after: After = None) -> Page[ApiKeyStaffOut]:
        """All API keys, those of people too, and those that were revoked; the newest first."""
        return await list_keys(reads, limit=limit, after=after)

    @get("/{id:uuid}", guards=SEE)
    async def show(self, id: FromPath[UUID], session: Session) -> Response[ApiKeyStaffOut]:
        """One API key."""
        return shown(await show_key(session, id), live=("used_at",))

    @post(
        "/",
        status_code=201,
        guards=[*EDIT, fresh_proof],
        cache_control=SECRET,
        limit=PASSWORD_CHANGES,
        responses=problems(SessionNeeded, *REFUSALS),
    )
    async def create(
        self, data: JSONBody[ApiKeyIn], session: Session, current_user: Staff
    ) -> Response[NewApiKeyStaffOut]:
        """Make an API key of the band. The answer is the only one with the key. Needs a fresh proof.

        The key is kept nowhere, so there is no `Idempotency-Key`: a repeat is refused by its name.
        """
        made = await make_band_key(session, data, by=current_user)
        return shown(new_staff_key(made), status=201, location=f"{STAFF}/{made.row.id}", live=("used_at", "key"))

    @post("/{id:uuid}/revoke", status_code=200, guards=[*EDIT, fresh_proof])
    async def revoke(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[ApiKeyStaffOut]:
        """Revoke a key, the band's or a person's: it opens nothing from now on."""
        await revoke_key(session, await ApiKeyRepository(session=session).find_locked(id), actor=current_user.actor)
        return shown(await show_key(session, id), live=("used_at",))
