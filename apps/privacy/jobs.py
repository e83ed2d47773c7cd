"""Exports and erasures in the background, and their letters."""

from uuid import UUID

from sqlalchemy import func, select

from apps.accounts.models import User
from apps.core.db.database import Database
from apps.core.jobs import Lane, enqueue, job
from apps.core.jobs.long_jobs import expire
from apps.mail.services import send
from apps.privacy.erasing.erasing import erase
from apps.privacy.exporting.making import make
from apps.privacy.letters import ErasureNews, erasure_letter, export_letter
from apps.privacy.models import DataExport, ErasureRequest
from apps.privacy.repositories import ERASURES, EXPORTS, OPEN_ERASURE

AT_ONCE = 500


@job("privacy.make_export")
async def make_export(db: Database, *, export_id: UUID) -> None:
    if await make(db, export_id):
        async with db.begin() as session:
            await enqueue(session, mail_export.call(export_id=export_id))


@job("privacy.mail_export", lane=Lane.mail)
async def mail_export(db: Database, *, export_id: UUID) -> None:
    """That it is ready; the data themselves are never mailed."""
    async with db.begin() as session:
        found = select(User).join(DataExport, DataExport.user_id == User.id).where(DataExport.id == export_id)
        user = (await session.scalars(found)).one_or_none()
    if user:
        await send(db, export_letter(user, export_id))


@job("privacy.forget_exports", every="13 * * * *")
async def forget_exports(db: Database) -> None:
    """After DATA_EXPORT_DAYS the row stays, without what it held."""
    async with db.transaction() as connection:
        await expire(connection, EXPORTS, result=None)


@job("privacy.mail_erasure", lane=Lane.mail)
async def mail_erasure(db: Database, *, request_id: UUID, news: ErasureNews) -> None:
    """To a user who is still there; what was done is told by the erasure itself."""
    async with db.begin() as session:
        found = select(User, ErasureRequest).join(ErasureRequest, ErasureRequest.user_id == User.id)
        row = (await session.execute(found.where(ErasureRequest.id == request_id))).one_or_none()
    if row:
        user, request = row
        to = user.name or user.email
        await send(db, erasure_letter(news, request, to=user.email, name=to, locale=user.locale))


@job("privacy.erase")
async def erase_user(db: Database, *, request_id: UUID) -> None:
    await erase(db, request_id)


@job("privacy.erase_due", every="7 * * * *")
async def erase_due(db: Database) -> None:
    """Those whose day has come, those that waited, and those whose worker was killed."""
    due = select(ERASURES.c.id).where(OPEN_ERASURE, ERASURES.c.due_at <= func.now()).order_by(ERASURES.c.due_at)
    async with db.begin() as session:
        ids = (await session.scalars(due.limit(AT_ONCE))).all()
        await enqueue(session, *(erase_user.call(request_id=id, dedupe_key=f"privacy.erase:{id}") for id in ids))
