"""A file is taken, checked, brought in or discarded. Checking is bringing in, but for the writing.

How far it is stands in the row, written in the transaction that brought those things in: whoever is killed is followed
by somebody who goes on right there, and the numbers are true.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sized
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import undefer
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.db.errors import passes
from apps.core.db.repositories import LockingRepository
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.importing import Keep, Tally
from apps.core.jobs import Job, enqueue
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.imports.models import FileImport, ImportState
from apps.imports.report import Report

KEPT = timedelta(days=7)
LARGEST = 10 * 1024 * 1024
NO_FILE = _("Choose a file.")
EMPTY = _("This file is empty.")
TOO_LARGE = _("This file is larger than 10 MB. Split it into several.")
log = structlog.get_logger(__name__)


Taken = TypeVar("Taken", bound=FileImport)
Refusal = Callable[[bytes], Lazy | None]
"""Why a file is not of the kind that was asked for, by its beginning."""


class Superseded(Exception):
    """Somebody else is bringing in the same file, and is further; or has cancelled it."""


class NothingToImport(AppError):
    status = 409
    type = "nothing-to-import"
    message = _("This file would change nothing.")


class Importer(Protocol):
    """What an app can bring in."""

    def read(self, data: bytes, options: Mapping[str, Any]) -> Sized:
        """Blocks. Never raises: what cannot be read is among the problems."""

    async def load(
        self,
        db: Database,
        reading: Any,
        options: Mapping[str, Any],
        *,
        dry_run: bool,
        begin: int,
        actor: str,
        keep: Keep,
    ) -> Tally: ...


class FileImportRepository(LockingRepository[FileImport]):
    model_type = FileImport


async def take_file(
    session: AsyncSession,
    model: type[Taken],
    job: Job,
    *,
    name: str,
    data: bytes | None,
    options: Mapping[str, Any],
    actor: str,
    refusal: Refusal,
) -> Taken:
    """It is checked by `job`. Raises Invalid, also with what `refusal` says of another kind of file."""
    if wrong := _wrong_with(data) or refusal(data or b""):
        raise Invalid(errors=[FieldError("file", wrong)])
    taken = model(
        id=uuid7(),
        file_name=_plain(name) or "–",
        size=len(data or b""),
        data=data,
        options=dict(options),
        asked_by=actor,
        report={},
        state=ImportState.checking,
    )
    session.add(taken)
    await session.flush()
    after = {"file_name": taken.file_name, "size": taken.size, **taken.options}
    record(session, "imports.add", taken, actor=actor, after=after)
    await enqueue(session, job.call(import_id=taken.id))
    return taken


def _plain(name: str) -> str:
    """Without folders, and without what cannot be shown."""
    return "".join(each for each in re.split(r"[/\\]", name)[-1] if each.isprintable())[-255:]


def _wrong_with(data: bytes | None) -> Any:
    if data is None:
        return NO_FILE
    if not data:
        return EMPTY
    return TOO_LARGE if len(data) > LARGEST else None


def may_start(asked: FileImport) -> bool:
    """Once it is checked: what failed before that has no numbers yet."""
    return asked.state is ImportState.ready or (asked.state is ImportState.failed and asked.total > 0)


async def start(session: AsyncSession, job: Job, asked: FileImport, *, actor: str) -> None:
    """The row is locked. A second time nothing happens; one that failed goes on. Raises NothingToImport."""
    if not may_start(asked):
        return
    if asked.state is ImportState.ready and not asked.created + asked.changed:
        raise NothingToImport
    if asked.state is ImportState.ready:
        asked.done = asked.created = asked.changed = asked.unchanged = 0
    asked.move(ImportState.importing)
    asked.asked_by = actor
    record(session, "imports.import", asked, actor=actor, after={"file_name": asked.file_name})
    await enqueue(session, job.call(import_id=asked.id))


async def discard(session: AsyncSession, asked: FileImport, *, actor: str) -> None:
    """The row is locked. What was looked at only is forgotten."""
    if asked.may_move(ImportState.discarded):
        asked.move(ImportState.discarded)
        asked.data = None
        record(session, "imports.discard", asked, actor=actor, after={"file_name": asked.file_name})


async def cancel(session: AsyncSession, asked: FileImport, *, actor: str) -> None:
    """The row is locked. What came in stays; what is being written at this moment does not come in."""
    if asked.may_move(ImportState.cancelled):
        asked.move(ImportState.cancelled)
        asked.data, asked.finished_at = None, await now(session)
        after = {"file_name": asked.file_name, "done": asked.done, "total": asked.total}
        record(session, "imports.cancel", asked, actor=actor, after=after)


async def work_on(db: Database, importer: Importer, import_id: UUID) -> None:
    """Check it, or bring it in; done twice, the second changes nothing. What goes wrong for good leaves it failed."""
    try:
        await _work_on(db, importer, import_id)
    except Exception as error:
        if passes(error):
            raise
        log.error("imports.failed", id=str(import_id), exc_info=True)
        async with db.begin() as session:
            row = await FileImportRepository(session=session).lock(import_id)
            if row.may_move(ImportState.failed):
                row.move(ImportState.failed)


async def _work_on(db: Database, importer: Importer, import_id: UUID) -> None:
    async with db.begin() as session:
        found = select(FileImport).where(FileImport.id == import_id).options(undefer(FileImport.data))
        asked = await session.scalar(found)
    if asked is None or asked.data is None:
        return
    reading = await asyncio.to_thread(importer.read, asked.data, asked.options)
    if asked.state is ImportState.checking:
        await _check(db, importer, asked, reading)
    elif asked.state is ImportState.importing:
        with suppress(Superseded):
            await _bring_in(db, importer, asked, reading)


async def _check(db: Database, importer: Importer, asked: FileImport, reading: Sized) -> None:
    tally = await importer.load(
        db, reading, asked.options, dry_run=True, begin=0, actor=asked.asked_by, keep=_Progress(asked)
    )
    async with db.begin() as session:
        row = await FileImportRepository(session=session).lock(asked.id)
        if row.state is ImportState.checking:
            row.move(ImportState.ready)
            row.total, row.bad = len(reading), tally.bad
            row.created, row.changed, row.unchanged = tally.created, tally.changed, tally.unchanged
            row.report = msgspec.to_builtins(Report.of(tally))


async def _bring_in(db: Database, importer: Importer, asked: FileImport, reading: Sized) -> None:
    progress = _Progress(asked)
    tally = await importer.load(
        db, reading, asked.options, dry_run=False, begin=asked.done, actor=asked.asked_by, keep=progress
    )
    async with db.begin() as session:
        row = await FileImportRepository(session=session).lock(asked.id)
        if row.state is ImportState.importing and row.done == len(reading):
            row.move(ImportState.done)
            row.data, row.finished_at = None, await now(session)
            if not asked.done:  # who goes on has seen a part only; what the check has found stays
                row.report = msgspec.to_builtins(Report.of(tally))
            after = {name: getattr(row, name) for name in ("created", "changed", "unchanged", "bad")}
            record(session, "imports.finish", row, actor=row.asked_by, after=after)


class _Progress:
    """How far an import is, kept in its row. Raises Superseded where somebody else was there before."""

    def __init__(self, asked: FileImport) -> None:
        self.id, self.done = asked.id, asked.done
        self.before = (asked.created, asked.changed, asked.unchanged)

    async def __call__(self, connection: AsyncConnection, done: int, tally: Tally) -> None:
        created, changed, unchanged = self.before
        numbers = {
            "done": done,
            "created": created + tally.created,
            "changed": changed + tally.changed,
            "unchanged": unchanged + tally.unchanged,
        }
        mine = (FileImport.id == self.id) & (FileImport.done == self.done)
        written = await connection.execute(
            update(FileImport).where(mine, FileImport.state == ImportState.importing).values(numbers)
        )
        if written.rowcount != 1:
            raise Superseded
        self.done = done


async def forget_old_files(db: Database) -> None:
    """What nobody started, or went on with, within a week is discarded, so that files do not pile up."""
    old = FileImport.created_at < func.now() - KEPT
    forgotten = FileImport.state.in_([ImportState.checking, ImportState.ready, ImportState.failed])
    async with db.begin() as session:
        await session.execute(
            update(FileImport)
            .where(old, forgotten, FileImport.data.is_not(None))
            .values(state=ImportState.discarded, data=None)
        )
