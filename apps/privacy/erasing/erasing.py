"""Erases a person, one table after the other, each in a transaction of its own: killed, it goes on where it was."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import User
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.sessions import end_sessions
from apps.accounts.users.authority import LastAdmin, refuse_last_admin
from apps.core.audit import record_about
from apps.core.db.database import Database, now
from apps.core.privacy.holdings import Rows, open_matters, steps, whole
from apps.core.privacy.person import Person
from apps.core.text.i18n import Lazy
from apps.mail.personal_data import HELD as MAILS
from apps.mail.services import send
from apps.privacy.letters import ErasureNews, erasure_letter
from apps.privacy.models import ErasureRequest, ErasureState
from apps.privacy.repositories import ErasureRepository, person_of


async def erase(db: Database, request_id: UUID) -> None:
    """Nothing while something of theirs is open, or it is not due: it is asked again. Twice changes nothing."""
    if not await _begin(db, request_id):
        return
    for rows in steps():
        await _step(db, request_id, rows)
    await _tell(db, request_id)
    await _end(db, request_id)


async def what_is_open(session: AsyncSession, user_id: UUID) -> Sequence[Lazy]:
    """What an erasure would wait for now, in sentences for the user."""
    connection = await session.connection()
    person = await person_of(connection, user_id)
    return await open_matters(connection, await whole(connection, person)) if person else ()


async def _begin(db: Database, request_id: UUID) -> bool:
    """Whether it may go on. From here on there is no way back: they are signed out, and can sign in no more."""
    async with db.begin() as session:
        known = await session.get(ErasureRequest, request_id)
        user = await UserRepository(session=session).lock_one(User.id == known.user_id) if known else None
        request = await ErasureRepository(session=session).lock_one(ErasureRequest.id == request_id)
        if request is None or request.state is not ErasureState.asked:
            return request is not None and request.state is ErasureState.running
        if user is None or request.due_at > await now(session) or await _has_to_wait(session, user):
            return False
        connection = await session.connection()
        found = await person_of(connection, user.id)
        person = await whole(connection, found or Person(user.id))
        request.email, request.is_confirmed = user.email, user.email_confirmed_at is not None
        request.ids, request.words = sorted(map(str, person.ids)), sorted(person.words)
        user.disabled_at = user.disabled_at or await now(session)
        await end_sessions(session, user.id)
        request.move(ErasureState.running)
        return True


async def _has_to_wait(session: AsyncSession, user: User) -> bool:
    try:
        await refuse_last_admin(session, user)
    except LastAdmin:
        return True
    return bool(await what_is_open(session, user.id))


async def _step(db: Database, request_id: UUID, rows: Rows) -> None:
    async with db.begin() as session:
        request = await ErasureRepository(session=session).lock(request_id)
        if request.state is ErasureState.running and rows.name not in request.steps:
            await rows.erase(await session.connection(), _person(request))
            request.steps = [*request.steps, rows.name]


async def _tell(db: Database, request_id: UUID) -> None:
    """The last letter, while the request still knows where to."""
    async with db.begin() as session:
        request = await ErasureRepository(session=session).lock(request_id)
    if request.state is ErasureState.running and request.email:
        news, to = ErasureNews.done, request.email
        await send(db, erasure_letter(news, request, to=to, name=to, locale=request.locale))


async def _end(db: Database, request_id: UUID) -> None:
    """What the last letter left goes too, and what the request itself knew."""
    async with db.begin() as session:
        request = await ErasureRepository(session=session).lock(request_id)
        if request.state is not ErasureState.running:
            return
        for rows in MAILS:
            await rows.erase(await session.connection(), _person(request).with_more((request.id,), ()))
        record_about(session, "privacy.erase", User.__name__, request.user_id, actor=request.asked_by)
        request.move(ErasureState.done)
        request.finished_at = await now(session)
        request.email, request.ids, request.words, request.steps = "", [], [], []
        await session.flush()


def _person(request: ErasureRequest) -> Person:
    """As they were found when it began: their rows tell it no more."""
    email = request.email if request.is_confirmed else ""
    return Person(request.user_id, email, frozenset(map(UUID, request.ids)), frozenset(request.words))
