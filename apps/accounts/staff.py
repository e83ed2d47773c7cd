"""The staff API of users and roles. Staff can only grant, revoke or change what they have permission for."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser, SessionNeeded
from apps.accounts.guards import Staff, fresh_proof, requires
from apps.accounts.models import Role, User
from apps.accounts.passwords import WeakPassword
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import RoleRepository, UserRepository
from apps.accounts.services import EmailTaken
from apps.accounts.staff_reads import UserQuery, list_permissions, list_roles, list_users, show_role, show_user
from apps.accounts.staff_schemas import (
    NewRoleIn,
    NewUserIn,
    PermissionOut,
    RoleIn,
    RoleOut,
    UserIn,
    UserPasswordIn,
    UserRolesIn,
    UserStaffOut,
)
from apps.accounts.users.authority import BeyondYourPermissions, LastAdmin
from apps.accounts.users.roles import RoleBuiltIn, RoleExists, RoleInUse, change_role, create_role, delete_role
from apps.accounts.users.users import (
    add_user,
    change_user,
    disable,
    enable,
    give_roles,
    hash_for,
    reset_factors,
    set_password,
)
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, AnyRequest, Db, Reads, Session, locale_of

USERS_VIEW = requires(PeoplePermission.USERS_VIEW)
USERS_EDIT = requires(PeoplePermission.USERS_EDIT)
ROLES_VIEW = requires(PeoplePermission.ROLES_VIEW)
ROLES_EDIT = requires(PeoplePermission.ROLES_EDIT)
USERS = "/api/v1/staff/users"
ROLES = "/api/v1/staff/roles"
Beginning = Annotated[
    str | None,
    QueryParameter(name="q", max_length=100, required=False, description="How the address or the name begins."),
]
RoleFilter = Annotated[
    str | None, QueryParameter(name="role", max_length=40, required=False, description="The name of a role.")
]
DisabledFilter = Annotated[bool | None, QueryParameter(name="disabled", required=False)]


class UserController(Controller):
    path = USERS
    tags = ["Staff: people"]

    @get("/", guards=[USERS_VIEW], cache_control=PERSONAL)
    async def list(
        self,
        reads: Reads,
        limit: PageSize = 20,
        after: After = None,
        q: Beginning = None,
        role: RoleFilter = None,
        disabled: DisabledFilter = None,
    ) -> Page[UserStaffOut]:
        """Everybody with an account, by address."""
        query = UserQuery(q=q, role=role or None, disabled=disabled)
        return await list_users(reads, query, limit=limit, after=after)

    @get("/{id:uuid}", guards=[USERS_VIEW])
    async def show(self, id: FromPath[UUID], session: Session) -> Response[UserStaffOut]:
        """One person."""
        return shown(await show_user(session, id))

    @post(
        "/",
        status_code=201,
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(EmailTaken, BeyondYourPermissions, SessionNeeded),
    )
    async def create(
        self, data: JSONBody[NewUserIn], session: Session, current_user: Staff, idempotent: IdempotentDep
    ) -> Response[UserStaffOut]:
        """Add a person. They are mailed a link to set their password with."""
        return await idempotent(_create_user, session, data, by=current_user)

    @put(
        "/{id:uuid}",
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(EmailTaken, BeyondYourPermissions, SessionNeeded),
    )
    async def change(
        self,
        id: FromPath[UUID],
        data: JSONBody[UserIn],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[UserStaffOut]:
        """Change address, name and language."""
        user = await _user(session, id, if_match)
        await change_user(session, user, email=data.email, name=data.name, locale=data.locale, by=current_user)
        return shown(await show_user(session, id))

    @put(
        "/{id:uuid}/roles",
        operation_id="giveStaffUserRoles",
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(LastAdmin, BeyondYourPermissions, SessionNeeded),
    )
    async def give_roles(
        self,
        id: FromPath[UUID],
        data: JSONBody[UserRolesIn],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[UserStaffOut]:
        """Say which roles a person has."""
        user = await _user(session, id, if_match)
        await give_roles(session, user, data.roles, by=current_user)
        return shown(await show_user(session, id))

    @post(
        "/{id:uuid}/password",
        status_code=200,
        operation_id="setStaffUserPassword",
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(WeakPassword, BeyondYourPermissions, SessionNeeded),
    )
    async def set_password(
        self, id: FromPath[UUID], data: JSONBody[UserPasswordIn], db: Db, session: Session, current_user: Staff
    ) -> Response[UserStaffOut]:
        """Set a person's password. They are signed out everywhere."""
        password_hash = await hash_for(db, id, data.password)
        user = await UserRepository(session=session).find_locked(id)
        await set_password(session, user, password_hash=password_hash, by=current_user)
        return shown(await show_user(session, id))

    @post(
        "/{id:uuid}/reset-factors",
        status_code=200,
        operation_id="resetStaffUserFactors",
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(BeyondYourPermissions, SessionNeeded),
    )
    async def reset_factors(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[UserStaffOut]:
        """Remove the second factors of a person who has lost them. They are told by mail."""
        await reset_factors(session, await UserRepository(session=session).find_locked(id), by=current_user)
        return shown(await show_user(session, id))

    @post(
        "/{id:uuid}/disable",
        status_code=200,
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(LastAdmin, BeyondYourPermissions, SessionNeeded),
    )
    async def disable(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[UserStaffOut]:
        """Keep a person out: signed out everywhere at once, and no more signing in."""
        await disable(session, await UserRepository(session=session).find_locked(id), by=current_user)
        return shown(await show_user(session, id))

    @post(
        "/{id:uuid}/enable",
        status_code=200,
        guards=[USERS_EDIT, fresh_proof],
        responses=problems(BeyondYourPermissions, SessionNeeded),
    )
    async def enable(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[UserStaffOut]:
        """Let a person sign in again."""
        await enable(session, await UserRepository(session=session).find_locked(id), by=current_user)
        return shown(await show_user(session, id))


async def _create_user(session: AsyncSession, new: NewUserIn, *, by: CurrentUser) -> Response[UserStaffOut]:
    user = await add_user(session, email=new.email, name=new.name, locale=new.locale, roles=new.roles, by=by)
    return shown(await show_user(session, user.id), status=201, location=f"{USERS}/{user.id}")


async def _user(session: AsyncSession, id: UUID, if_match: str | None) -> User:
    """Locked, and as the caller knows them."""
    user = await UserRepository(session=session).find_locked(id)
    refuse_stale(if_match, await show_user(session, id))
    return user


class RoleController(Controller):
    path = ROLES
    tags = ["Staff: people"]

    @get("/", guards=[ROLES_VIEW], cache_control=PERSONAL)
    async def list(self, reads: Reads, limit: PageSize = 20, after: After = None) -> Page[RoleOut]:
        """All roles, by name."""
        return await list_roles(reads, limit=limit, after=after)

    @get("/{id:uuid}", guards=[ROLES_VIEW])
    async def show(self, id: FromPath[UUID], session: Session) -> Response[RoleOut]:
        """One role."""
        return shown(await show_role(session, id))

    @post("/", status_code=201, guards=[ROLES_EDIT, fresh_proof], responses=problems(RoleExists, BeyondYourPermissions))
    async def create(
        self, data: JSONBody[NewRoleIn], session: Session, current_user: Staff, idempotent: IdempotentDep
    ) -> Response[RoleOut]:
        """Make a role of permissions that you have yourself."""
        return await idempotent(_create_role, session, data, by=current_user)

    @put(
        "/{id:uuid}",
        guards=[ROLES_EDIT, fresh_proof],
        responses=problems(RoleBuiltIn, BeyondYourPermissions, SessionNeeded),
    )
    async def change(
        self,
        id: FromPath[UUID],
        data: JSONBody[RoleIn],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[RoleOut]:
        """Change what a role may do, for everybody who has it, at once."""
        role = await _role(session, id, if_match)
        await change_role(session, role, title=data.title, permissions=data.permissions, by=current_user)
        return shown(await show_role(session, id))

    @delete(
        "/{id:uuid}",
        guards=[ROLES_EDIT, fresh_proof],
        responses=problems(RoleBuiltIn, RoleInUse, BeyondYourPermissions),
    )
    async def delete(self, id: FromPath[UUID], session: Session, current_user: Staff, if_match: IfMatch = None) -> None:
        """Delete a role that nobody has."""
        await delete_role(session, await _role(session, id, if_match), by=current_user)


async def _create_role(session: AsyncSession, new: NewRoleIn, *, by: CurrentUser) -> Response[RoleOut]:
    role = await create_role(session, name=new.name, title=new.title, permissions=new.permissions, by=by)
    return shown(await show_role(session, role.id), status=201, location=f"{ROLES}/{role.id}")


async def _role(session: AsyncSession, id: UUID, if_match: str | None) -> Role:
    """Locked, and as the caller knows it."""
    role = await RoleRepository(session=session).find_locked(id)
    refuse_stale(if_match, await show_role(session, id))
    return role


class PermissionController(Controller):
    path = "/api/v1/staff/permissions"
    cache_control = PERSONAL
    tags = ["Staff: people"]

    @get("/", guards=[ROLES_VIEW])
    async def list(self, request: AnyRequest) -> Page[PermissionOut]:
        """Everything that roles can be made of; always one page."""
        return Page(list_permissions(locale_of(request)), None)
