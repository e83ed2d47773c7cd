"""What users are entitled to, over the staff API."""

from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from apps.accounts.entitlements.entitlements import EndsInThePast, TooManyEntitlements, end_of_user, grant
from apps.accounts.entitlements.reads import list_entitlements
from apps.accounts.entitlements.schemas import EntitlementIn, EntitlementOut
from apps.accounts.guards import Staff, fresh_proof, requires
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import UserRepository
from apps.core.http.openapi import problems
from apps.core.http.requests import PERSONAL, Reads, Session

SEE, EDIT = [requires(PeoplePermission.USERS_VIEW)], [requires(PeoplePermission.ENTITLEMENTS_EDIT)]


class EntitlementStaffController(Controller):
    path = "/api/v1/staff/users/{id:uuid}/entitlements"
    tags = ["Staff: people"]

    @get("/", operation_id="listStaffUserEntitlements", guards=SEE, cache_control=PERSONAL)
    async def list(self, id: FromPath[UUID], reads: Reads) -> list[EntitlementOut]:
        """What a user is entitled to, what has ended included."""
        return await list_entitlements(reads, id)

    @post(
        "/",
        status_code=200,
        operation_id="grantStaffUserEntitlement",
        guards=[*EDIT, fresh_proof],
        responses=problems(TooManyEntitlements, EndsInThePast),
    )
    async def grant(
        self, id: FromPath[UUID], data: JSONBody[EntitlementIn], session: Session, current_user: Staff
    ) -> EntitlementOut:
        """Grant it, or change when it ends. It counts on the user's very next request; a repeat changes nothing."""
        user = await UserRepository(session=session).find_locked(id)
        granted = await grant(session, user, data.key, ends_at=data.ends_at, actor=current_user.actor)
        return EntitlementOut(granted.key, by_staff=True, active=True, ends_at=granted.ends_at)

    @delete("/{key:str}", operation_id="endStaffUserEntitlement", guards=[*EDIT, fresh_proof])
    async def end(self, id: FromPath[UUID], key: FromPath[str], session: Session, current_user: Staff) -> None:
        """End what staff granted."""
        user = await UserRepository(session=session).find_locked(id)
        await end_of_user(session, user, key, actor=current_user.actor)
