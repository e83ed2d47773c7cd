"""The base of every admin.py: what a kind of thing shows, who may do what with it, and which services change it.

class CategoryAdmin(View, model=Category):
    permissions = {Access.LIST: P.PRODUCTS_VIEW, Access.CREATE: P.PRODUCTS_EDIT, …}
    name, name_plural = _("Category"), _("Categories")
    column_list = ["title", "position"]; column_labels = {…}; column_formatters = {…}
    form = CategoryForm

    async def add(self, context, form) -> Category: …        # calls the service
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqladmin import ModelView
from sqlalchemy import Select, String, cast, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.current_user import CurrentUser
from apps.accounts.permissions import Permission
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.forms.values import bind
from apps.backoffice.history.values import Telling
from apps.backoffice.lists.filters import Filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.requests import done_of, id_of
from apps.backoffice.urls import row_url
from apps.backoffice.views.files import File
from apps.core.db.archive import InArchive
from apps.core.db.database import Database
from apps.core.db.repositories import LockingRepository
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from project.settings import settings

SAVED, REVERTED, NONE_CHOSEN = "saved", "put-back", "none-chosen"
"""What the address says that saving leads to."""
SUGGESTED = 10


class CannotBeChanged(AppError):
    status = 405
    type = "cannot-be-changed"
    message = _("This cannot be changed here.")


class View(ModelView):
    """Reads are scoped by `scope` alone. SQLAdmin's own forms, queries and writes are never used."""

    model: ClassVar[Any]
    permissions: ClassVar[Mapping[str, Permission]] = {}
    """By what SQLAdmin asks about (`Access`); what is not named nobody may do."""
    name: ClassVar[Any]
    name_plural: ClassVar[Any]
    edits_need_proof: ClassVar[bool] = False
    """Whether its forms are for who has shown a short while ago that it is them."""
    name_of_new: ClassVar[Lazy | None] = None
    """What the form for a new one is called: "New product"."""
    group: ClassVar[Lazy] = _("More")
    """The heading of the menu it stands under."""
    menu_place: ClassVar[int] = 50
    """Where in the menu: the lowest first, of equals those of the apps on top."""
    in_menu: ClassVar[bool] = True
    can_create = can_edit = can_delete = can_export = can_import = False
    form_columns = ["id"]
    column_labels: ClassVar[Any] = {}
    column_formatters: ClassVar[Any] = {}
    sorts: ClassVar[Mapping[str, Sort]] = {}
    """What a list can be sorted by, by column; the first is what it comes in."""
    filters: ClassVar[Sequence[Filter]] = ()
    files: ClassVar[Sequence[File]] = ()
    actions: ClassVar[Sequence[Action]] = ()
    form: ClassVar[Any] = None
    repository: ClassVar[type[LockingRepository[Any]] | None] = None
    """By which a row is locked to be changed."""
    form_create: ClassVar[Any] = None
    """Where a new one is asked for other things than one that is there."""
    search_help: ClassVar[Lazy | None] = None
    """What can be looked for; None where nothing can."""
    details_template = "backoffice/details.html"
    form_template: ClassVar[str] = "backoffice/form.html"
    empty: ClassVar[Lazy] = _("Nothing here yet.")

    # What there is

    def scope(self) -> Select[Any]:
        """All rows that anybody may see here: lists, details, forms, actions and exports start from it."""
        return select(self.model)

    def scope_of_list(self, found: Select[Any], filters: Mapping[str, str]) -> Select[Any]:
        """Of these the ones that a list shows before anybody narrows it: what is not in the archive."""
        if hasattr(self.model, "archived_at") and not filters.get("archived"):
            return found.where(self.model.archived_at.is_(None))
        return found

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(contain(words, *(cast(getattr(self.model, name), String) for name in self.searched)))

    searched: ClassVar[Sequence[str]] = ()
    """Columns that the words are looked for in."""

    parts: ClassVar[Collection[type]] = ()
    """Models without a view of their own, whose rows are told of where this one's are."""

    label_column: ClassVar[str] = "title"

    def label(self, row: Any) -> str:
        """What a row is called wherever it is chosen or linked."""
        return str(getattr(row, self.label_column))

    def heading(self, row: Any) -> Lazy | str:
        """What its own pages are called, which show all that tells it from its namesakes."""
        return self.label(row)

    def zone_of(self, row: Any) -> str:
        """By whose clocks its times are told."""
        return settings.time_zone

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        """Puts what the columns show and the rows do not have on them: one statement for all rows."""

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        """The same for the page of details, which may show more."""
        await self.complete(session, [row])

    async def find(self, session: AsyncSession, pk: str) -> Any:
        """Raises NotFound."""
        id = id_of(pk)
        row = await session.scalar(self.scope().where(self.model.id == id)) if id else None
        if row is None:
            raise NotFound
        return row

    async def find_many(self, session: AsyncSession, pks: Sequence[str]) -> Sequence[Any]:
        """Those that are there, in their order. Raises NotFound when none is."""
        ids = [id_of(pk) for pk in dict.fromkeys(pks)]
        known = {row.id: row for row in (await session.scalars(self.scope().where(self.model.id.in_(ids)))).unique()}
        if not known or None in ids:
            raise NotFound
        return [known[id] for id in ids if id in known]

    async def suggest(self, session: AsyncSession, words: str) -> Sequence[Any]:
        """For autocompletion."""
        found = self.scope_of_list(self.scope(), {})
        found = self.search(found, words) if words else found
        order = next(iter(self.sorts.values())).column
        return (await session.scalars(found.order_by(order).limit(SUGGESTED))).unique().all()

    async def panels(self, session: AsyncSession, row: Any, request: Request) -> Sequence[Panel]:
        """What belongs to the row, below its facts."""
        return ()

    async def more(self, session: AsyncSession, row: Any, request: Request) -> Mapping[str, Any]:
        """Further words of the view's own `details_template`."""
        return {}

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        """What is affected when they go. As many statements for all rows as for one."""
        return {}

    def told(self, request: Request) -> Lazy | None:
        """What a form that was sent has done, when it led here."""
        done = {
            SAVED: _("Saved."),
            REVERTED: _("The change was undone."),
            **{action.name: action.done for action in self.actions},
        }
        return done.get(done_of(request))

    # What can be done with it

    live: ClassVar[Collection[str]] = ()
    """Fields of `resource` that change by themselves, and are no part of its version."""

    def action(self, name: str) -> Action:
        """Raises NotFound."""
        found = next((each for each in self.actions if each.name == name), None)
        if found is None:
            raise NotFound
        return found

    def permission_for(self, access: str) -> Permission | None:
        """Of an Access, `do:action`, or `file:name`."""
        actions = {f"do:{action.name}": action.permission for action in self.actions}
        files = {f"file:{file.name}": file.permission for file in self.files}
        return {**self.permissions, **actions, **files}.get(access)

    def may(self, request: Request, access: str) -> bool:
        return self.has_permission(request, access)

    def may_change(self, row: Any) -> bool:
        """Whether its form is offered: not for what is in the archive."""
        return getattr(row, "archived_at", None) is None

    def refuse_unchangeable(self, row: Any) -> None:
        if not self.may_change(row):
            raise InArchive if getattr(row, "archived_at", None) else CannotBeChanged

    async def resource(self, session: AsyncSession, row: Any) -> msgspec.Struct:
        """The row with all that its form changes, as the API shows it: the form's values, and its version."""
        raise CannotBeChanged

    async def initial(self, session: AsyncSession, row: Any) -> Mapping[str, Any]:
        """The form's values of a row that is there."""
        values: Mapping[str, Any] = msgspec.to_builtins(await self.resource(session, row))
        return values

    async def initial_for_new(self, session: AsyncSession, query: Mapping[str, str]) -> Mapping[str, Any]:
        """The values that a form for a new one begins with, where its address says what it shall be about."""
        return {}

    async def prepare(self, session: AsyncSession, form: Form, row: Any | None) -> None:
        """Before a form is shown or read: choices that depend on the data, zones of its times."""

    async def prepare_action(self, session: AsyncSession, action: Action, form: Form, row: Any) -> None:
        """The same for the form of an action."""

    def withhold(self, form: Form, current_user: CurrentUser) -> None:
        """Takes out of a form that is shown what would be refused to this person."""

    async def keep_files(self, db: Database, form: Form, current_user: CurrentUser) -> None:
        """Files that came with the form are put away before anything is locked, and stay when it is refused."""

    async def lock(self, session: AsyncSession, row: Any) -> Any:
        """The row again, locked, to be changed."""
        if self.repository is None:
            raise CannotBeChanged
        return await self.repository(session=session).find_locked(row.id)

    async def add(self, context: ActionContext, form: Form) -> Any:
        """The new row. Raises AppError."""
        raise CannotBeChanged

    def told_once(self, row: Any) -> Panel | None:
        """What is told in the answer to the form that has made the row, and never again: a secret."""
        return None

    async def change(self, context: ActionContext, row: Any, form: Form) -> None:
        """The row is locked. Raises AppError."""
        if self.schema is None:
            raise CannotBeChanged
        await self.write(context, row, bind(form, self.schema))

    async def write(self, context: ActionContext, row: Any, wanted: Any) -> None:
        """What a form said, or what is put back, as `schema`. The row is locked. Raises AppError."""
        raise CannotBeChanged

    # What was done with it

    schema: ClassVar[type[msgspec.Struct] | None] = None
    """What is written of a row at once: a change of these fields can be put back."""
    follows: ClassVar[Collection[str]] = ()
    """Columns that follow from others, and come back with them."""
    told_to_others: ClassVar[Collection[str]] = ()
    """Columns whose change people were told of, and which therefore is not put back."""
    recorded: ClassVar[Mapping[str, Telling]] = {}
    """How the history tells values of its columns, where their kind is not enough."""

    references: ClassVar[Mapping[str, str]] = {}
    """Its columns that hold ids, and the view whose rows these are; of an object its keys."""

    async def parts_of(self, session: AsyncSession, row: Any) -> Mapping[UUID, str]:
        """By id, what belongs to the row and is told of in its history."""
        return {}

    async def home_of(self, session: AsyncSession, row: Any) -> str:
        """The page that tells its history."""
        return row_url(self.identity, row)

    # SQLAdmin's own ways around the services are closed.

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        id = id_of(identifier)
        if id is None:
            raise NotFound
        return self.scope().where(self.model.id == id)

    def list_query(self, request: Request) -> Select[Any]:
        return self.scope()

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:
        raise CannotBeChanged

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:
        raise CannotBeChanged

    async def delete_model(self, request: Request, pk: Any) -> None:
        raise CannotBeChanged
