"""The view of a resource: its rows are locked, added, changed and archived by what the API does these with.

class CategoryAdmin(ResourceView, model=Category):
    declared = CATEGORY
    form = CategoryForm
    actions = common_actions(CATEGORY, archive=_("Archive this category?"), delete=_("Delete this category for good?"))
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.permissions import Permission
from apps.accounts.resources.resource import Resource, ResourcePermissions
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import archiving, deleting, locked, restoring
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import archive_filter
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.views.base import View
from apps.core.db.repositories import count_by
from apps.core.text.i18n import Lazy


class Belonging:
    """Rows of another table that name one of ours by their column `owner`."""

    def __init__(self, owner: SQLColumnExpression[Any], *where: ColumnElement[bool]) -> None:
        self.owner = owner
        self.where = where

    async def count(self, session: AsyncSession, rows: Sequence[Any]) -> Mapping[UUID, int]:
        return await count_by(session, self.owner, [row.id for row in rows], *self.where)


class ResourceView(View):
    """Columns and form are its own. Who may, how rows are found and written, and the labels of fields follow."""

    declared: ClassVar[Resource[Any, Any, Any]]
    name: ClassVar[Any]
    name_plural: ClassVar[Any]
    counted: ClassVar[Mapping[str, Belonging]] = {}
    """Columns that say how many others belong to a row."""
    affected: ClassVar[Mapping[Lazy, Belonging]] = {}
    """Of whom it is said how many are affected when a row goes."""
    tables: ClassVar[Sequence[Callable[[AsyncSession, Any, Request], Awaitable[Panel]]]] = ()
    """What belongs to the row, below its facts."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if of := vars(cls).get("declared"):
            cls.permissions = {**_by_access(of.permissions), **cls.permissions}
            cls.repository, cls.schema, cls.live = of.repository, of.schema, of.live
            cls.searched = cls.searched or [column.name for column in of.searched]
            cls.filters = cls.filters or [archive_filter(of.repository.model_type.archived_at)]
            cls.column_labels = {**_labels(cls), **cls.column_labels}

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        for name, belonging in self.counted.items():
            found = await belonging.count(session, rows)
            for row in rows:
                setattr(row, name, found.get(row.id, 0))

    async def panels(self, session: AsyncSession, row: Any, request: Request) -> Sequence[Panel]:
        return [await table(session, row, request) for table in self.tables]

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        found = [(label, await belonging.count(session, rows)) for label, belonging in self.affected.items()]
        return {row.id: [(label, counts.get(row.id, 0)) for label, counts in found] for row in rows if found}

    async def resource(self, session: AsyncSession, row: Any) -> msgspec.Struct:
        shown: msgspec.Struct = await self.declared.show(session, row)
        return shown

    async def lock(self, session: AsyncSession, row: Any) -> Any:
        return await self.declared.lock(session, row.id)

    async def add(self, context: ActionContext, form: Form) -> Any:
        new = self.checked(bind(form, self.declared.new_schema or self.declared.schema))
        return await self.declared.add(context.session, new, actor=context.actor)

    async def write(self, context: ActionContext, row: Any, wanted: Any) -> None:
        await self.declared.change(context.session, row, self.checked(wanted), actor=context.actor)

    def checked(self, wanted: Any) -> Any:
        """What a form asks for, where people are asked for more than programs. Raises Invalid."""
        return wanted


def common_actions(of: Resource[Any, Any, Any], *, archive: Lazy, delete: Lazy) -> Sequence[Action]:
    """Into the archive, back, and gone for good, as far as it can be; `archive` and `delete` are the questions."""
    return tuple(_common_actions(of, archive, delete))


def _common_actions(of: Resource[Any, Any, Any], archive: Lazy, delete: Lazy) -> Iterator[Action]:
    may = of.permissions
    if of.archive and may.archive:
        yield archiving(locked(of.repository, of.archive), archive, permission=may.archive)
    if of.restore and may.archive:
        yield restoring(locked(of.repository, of.restore), permission=may.archive)
    if of.delete and may.delete:
        yield deleting(locked(of.repository, of.delete), delete, permission=may.delete)


def _labels(view: type[View]) -> dict[str, Any]:
    """Columns are called as the fields of the form are."""
    shown = {*view.column_list, *view.column_details_list}
    return {field.name: field.label.text for field in view.form() if field.name in shown}


def _by_access(may: ResourcePermissions) -> dict[str, Permission]:
    return {Access.LIST: may.view, Access.DETAILS: may.view, Access.CREATE: may.edit, Access.EDIT: may.edit}
