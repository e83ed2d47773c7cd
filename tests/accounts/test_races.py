"""The same people changed from two sides at once, on connections of their own."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import SessionKind, User
from apps.accounts.permissions import all_permissions
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.refreshing import renew
from apps.accounts.sessions.refusals import BadCredentials, BadRefreshToken
from apps.accounts.sessions.sessions import Opened, end_sessions
from apps.accounts.sessions.signing_in import sign_in
from apps.accounts.users.authority import LastAdmin
from apps.accounts.users.users import disable, give_roles
from apps.core.db.database import Database
from apps.core.http.rate_limits import Limits
from tests.accounts.fan import PASSWORD, Fan
from tests.journeys.customer import sql
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
ORIGIN = Origin("tests", address="", program="")
AccountAction = Callable[[AsyncSession, User, CurrentUser], Awaitable[None]]
ADMINS = """SELECT email FROM users JOIN user_role ON user_id = users.id JOIN role ON role.id = role_id
            WHERE role.name = 'admin' AND disabled_at IS NULL"""


async def signed_in(db: Database, email: str) -> Opened:
    return await sign_in(db, Limits(None), SessionKind.api, ORIGIN, email=email, password=PASSWORD)


async def demote(session: AsyncSession, user: User, by: CurrentUser) -> None:
    await give_roles(session, user, [], by=by)


async def shut_out(session: AsyncSession, user: User, by: CurrentUser) -> None:
    await disable(session, user, by=by)


async def find_user(db: Database, email: str) -> CurrentUser:
    async with db.begin() as session:
        id = (await session.execute(select(User.id).where(User.email == email))).scalar_one()
    return CurrentUser(id, email, "", "en", uuid7(), all_permissions())


class TestAdmins:
    @pytest.mark.parametrize("actions", [(demote, demote), (shut_out, shut_out), (demote, shut_out)])
    async def test_two_who_depose_each_other_leave_one(
        self, db: Database, actions: tuple[AccountAction, AccountAction]
    ) -> None:
        emails = ("ann@example.org", "bob@example.org")
        for email in emails:
            await signed_in_as(db, "admin", email=email)
        ann, bob = [await find_user(db, email) for email in emails]
        outcomes = await asyncio.gather(
            self.depose(db, actions[0], bob.id, by=ann),
            self.depose(db, actions[1], ann.id, by=bob),
            return_exceptions=True,
        )
        assert [type(each) for each in outcomes if each is not None] == [LastAdmin]
        assert len(await sql(db, ADMINS)) == 1

    @staticmethod
    async def depose(db: Database, action: AccountAction, id: UUID, *, by: CurrentUser) -> None:
        async with db.begin() as session:
            await action(session, await UserRepository(session=session).find_locked(id), by)


class TestSessions:
    async def test_none_outlives_the_end_of_all(self, fan: Fan, db: Database) -> None:
        """Whichever comes first: tokens that are being exchanged or made meanwhile are ended, or not given."""
        person = await find_user(db, fan.email)
        for _ in range(5):
            opened = await signed_in(db, fan.email)
            await asyncio.gather(renew(db, opened.token, ORIGIN), self.end_all(db, person.id), return_exceptions=True)
            with pytest.raises(BadRefreshToken):
                await renew(db, opened.token, ORIGIN)
            await self.end_all(db, person.id)

    async def test_who_is_disabled_while_signing_in_stays_out(self, fan: Fan, db: Database) -> None:
        """The password is read and compared before, the session made after."""
        async with db.begin() as session:
            await session.execute(update(User).values(disabled_at=func.clock_timestamp()))
            signing_in = asyncio.create_task(signed_in(db, fan.email))
            await asyncio.sleep(0.5)
        with pytest.raises(BadCredentials):
            await signing_in

    @staticmethod
    async def end_all(db: Database, user_id: UUID) -> None:
        async with db.begin() as session:
            await end_sessions(session, user_id)
