"""The base view of imports in the back office: upload a file, review it, import it.

class ProductImportAdmin(ImportView, model=ProductImport):
    job = import_file; permission = P.PRODUCTS_IMPORT; fields = {"title": _("Title"), …}
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.permissions import Permission
from apps.backoffice.actions.action import Action, ActionContext, Run
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.formats import NOTHING, badge, link_of, plainly
from apps.backoffice.history.audit_log import names_of_actors
from apps.backoffice.lists.filters import states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import details_url
from apps.backoffice.views.base import SAVED, View
from apps.core.db.database import UUIDBase
from apps.core.importing import Change, Difference
from apps.core.jobs import Job
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.imports.models import FileImport, ImportState
from apps.imports.report import Line, Report
from apps.imports.services import LARGEST, FileImportRepository, cancel, discard, may_start, start, take_file

STATES = {
    ImportState.checking: _("Being checked"),
    ImportState.ready: _("Ready to be imported"),
    ImportState.importing: _("Being imported"),
    ImportState.done: _("Imported"),
    ImportState.discarded: _("Discarded"),
    ImportState.failed: _("Failed"),
    ImportState.cancelled: _("Cancelled"),
}
NUMBERS = ("created", "changed", "unchanged", "bad")
ENDED = (ImportState.done, ImportState.failed, ImportState.cancelled)
AT_WORK = (ImportState.checking, ImportState.importing)
LOOK_AGAIN_SECONDS = 2
COUNTS: Mapping[str, Lazy] = {
    "products": _("Products"),
    "variants": _("Variants"),
    "images": _("Images"),
    "categories": _("Categories"),
    "concerts": _("Concerts"),
    "venues": _("Venues"),
}


def who(row: Any, name: str, request: Request) -> Any:
    return row.who


def progress(row: FileImport, name: str, request: Request) -> Any:
    if row.state in ENDED and row.total:
        return f"{row.done} / {row.total}"
    if row.state is not ImportState.importing:
        return NOTHING
    bar = Markup('<progress value="{0}" max="{1}">{0}/{1}</progress> {0} / {1}')
    return bar.format(row.done, row.total)


def has_begun(row: FileImport) -> bool:
    """Some of it may have come in."""
    return row.state is ImportState.importing or (row.state is ImportState.failed and row.done > 0)


def starting(job: Job) -> Run:
    async def run(context: ActionContext, row: FileImport, form: None) -> None:
        await start(
            context.session,
            job,
            await FileImportRepository(session=context.session).find_locked(row.id),
            actor=context.actor,
        )

    return run


def actions_of(job: Job, permission: Permission) -> Sequence[Action]:
    return (
        Action(
            name="import",
            title=_("Import"),
            question=_(
                "Import this file? Everything that differs from it is changed, including what was changed here "
                "since the file was checked."
            ),
            done=_("The import is under way."),
            permission=permission,
            is_next=True,
            run=starting(job),
            applies=lambda row: may_start(row) and bool(row.state is ImportState.failed or row.created + row.changed),
        ),
        Action(
            name="discard",
            title=_("Discard"),
            question=_("Discard this file? Nothing is imported."),
            done=_("The file is discarded."),
            permission=permission,
            run=locked(FileImportRepository, discard),
            applies=lambda row: row.may_move(ImportState.discarded) and not has_begun(row),
        ),
        Action(
            name="cancel",
            title=_("Cancel import"),
            question=_("Cancel this import? What it has brought in already stays; nothing more comes in."),
            done=_("The import is cancelled."),
            permission=permission,
            is_dangerous=True,
            run=locked(FileImportRepository, cancel),
            applies=lambda row: row.may_move(ImportState.cancelled) and has_begun(row),
        ),
    )


class ImportView(View):
    name: ClassVar[Any]
    name_plural: ClassVar[Any]
    job: ClassVar[Job]
    thing: ClassVar[type[UUIDBase]]
    """What it brings in, and `thing_identity` the view that shows it."""
    thing_identity: ClassVar[str]
    field_names: ClassVar[Mapping[str, Lazy]] = {}
    """Of differences, in people's words; what has none is not told."""
    column_list = ["file_name", "state", *NUMBERS, "created_at"]
    column_details_list = [
        "state",
        "progress",
        "created",
        "changed",
        "unchanged",
        "bad",
        "who",
        "created_at",
        "finished_at",
    ]
    column_labels = {
        "file_name": _("File"),
        "state": _("Status"),
        "progress": _("Progress"),
        "created": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "bad": _("Skipped"),
        "who": _("Who"),
        "created_at": _("Uploaded"),
        "finished_at": _("Finished"),
    }
    column_formatters = {"state": badge(STATES), "who": who, "progress": progress, "created": plainly}
    sorts = {"created_at": Sort(FileImport.id, UUID, is_descending=True)}
    filters = (states("state", _("Status"), FileImport.state, STATES),)
    label_column = "file_name"
    search_help = _("File name")
    searched = ("file_name",)
    empty = _("No imports yet.")
    details_template = "imports/import.html"
    repository = FileImportRepository

    def told(self, request: Request) -> Lazy | None:
        if request.query_params.get("done") == SAVED:
            return _("The file is uploaded. Nothing changes before you press “Import”.")
        return super().told(request)

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        row.who = (await names_of_actors(session, {row.asked_by})).get(row.asked_by, row.asked_by)

    async def add(self, context: ActionContext, form: Any) -> FileImport:
        file = form.file.data
        return await take_file(
            context.session,
            self.model,
            self.job,
            name=file.filename if file else "",
            data=await _content(file),
            options=self.options(context, form),
            actor=context.actor,
            refusal=self.refusal,
        )

    def refusal(self, data: bytes) -> Lazy | None:
        """Why this is another kind of file, as far as its beginning tells."""
        return None

    def options(self, context: ActionContext, form: Any) -> Mapping[str, Any]:
        return {}

    async def more(self, session: AsyncSession, row: FileImport, request: Request) -> Mapping[str, Any]:
        return {"look_again": LOOK_AGAIN_SECONDS if row.state in AT_WORK else 0, "report": _report(row)}

    async def panels(self, session: AsyncSession, row: FileImport, request: Request) -> Sequence[Panel]:
        if row.state is ImportState.checking:
            return ()
        report = _report(row)
        there_are = await self._there_are(session, report)
        came_in_part = row.state in (ImportState.failed, ImportState.cancelled)
        found = [
            *([] if came_in_part else [_counts(report), self._changes(report, row, request, there_are)]),
            _lines(_("Skipped rows"), report.problems, request),
            _lines(_("Please note"), report.warnings, request),
        ]
        return [panel for panel in found if panel.rows]

    async def _there_are(self, session: AsyncSession, report: Report) -> Collection[UUID]:
        """Of the things it names: new ones are not there yet, and some may be gone."""
        ids = {change.id for change in report.changes if change.id}
        return set(await session.scalars(select(self.thing.id).where(self.thing.id.in_(ids)))) if ids else ()

    def _changes(self, report: Report, row: FileImport, request: Request, there_are: Collection[UUID]) -> Panel:
        return Panel(
            title=_("What it changed") if row.state is ImportState.done else _("Changes to be made"),
            columns=(_("Row"), _("What"), _("Field"), _("Before"), _("After")),
            rows=[
                cells
                for change in report.changes
                for cells in self._cells(change, self._link(change, request, there_are), row, request)
            ],
            empty=_("Nothing."),
        )

    def _link(self, change: Change, request: Request, there_are: Collection[UUID]) -> str | Markup:
        if change.id is None or change.id not in there_are:
            return change.title
        return link_of(details_url(self.thing_identity, change.id), change.title, request)

    def _cells(self, change: Change, title: str | Markup, row: FileImport, request: Request) -> list[list[Any]]:
        if change.is_new:
            return [[change.line, title, _("new"), "", ""]]
        return [
            [
                change.line,
                Markup("{} · {}").format(title, each.of) if each.of else title,
                self.field_names[each.field],
                self.shown(each, each.before, row, request),
                self.shown(each, each.after, row, request),
            ]
            for each in change.differences
            if each.field in self.field_names
        ]

    def shown(self, difference: Difference, value: Any, row: FileImport, request: Request) -> Any:
        return NOTHING if value is None else value


async def _content(file: Any) -> bytes | None:
    """One byte too many of what is too large."""
    if file is None:
        return None
    return bytes(await file.read()) if file.is_whole and (file.size or 0) <= LARGEST else bytes(LARGEST + 1)


def _report(row: FileImport) -> Report:
    return msgspec.convert(row.report, Report)


def _counts(report: Report) -> Panel:
    rows = [[COUNTS[kind], before, after] for kind, (before, after) in report.counts.items() if kind in COUNTS]
    return Panel(title=_("Totals"), columns=(_("What"), _("Before"), _("After")), rows=rows, empty=_("Nothing."))


def _lines(title: Lazy, lines: Sequence[Line], request: Request) -> Panel:
    rows = [[each.line, each.in_locale(locale_of(request))] for each in lines]
    return Panel(title=title, columns=(_("Row"), _("What")), rows=rows, empty=_("Nothing."))
