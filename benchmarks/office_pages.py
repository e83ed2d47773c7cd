"""Every page of the back office that lists or shows something, found from its views."""

from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import urlencode

from sqladmin.authorization import Action
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.backoffice.lists.filters import Choice
from apps.backoffice.lists.pages import PAGE_SIZE, ListQuery, cursor_of
from apps.backoffice.urls import PATH, list_url, row_url
from apps.backoffice.views.base import View
from apps.core.db.database import Database
from project import registry

Pages = Mapping[str, str]
WORDS: Mapping[str, tuple[str, ...]] = {
    "order": ("Q0050000", "ada.5", "Kowalski"),
    "payment": ("Q0050000", "Kowalski"),
    "product": ("Shirt 0000005000", "shirt"),
    "pool": ("Shirt 5000M", "Live"),
    "concert": ("Hall 7", "Berlin"),
    "user": ("user500", "Ada"),
    "audit-entry": ("orders.paid",),
}
"""What is looked for in a list; NOWHERE in each besides."""
NOWHERE = "zzqx"


async def all_pages(url: str) -> Pages:
    """Title → path."""
    db = Database(url)
    pages = {"overview": f"{PATH}/"}
    async with db.begin() as session:
        for view in map(_made, registry.admin_views()):
            pages |= dict(_list_pages(view)) | {title: path async for title, path in _row_pages(session, view)}
    await db.close()
    return pages


def _made(kind: type[View]) -> View:
    return kind()


def _list_pages(view: View) -> Iterator[tuple[str, str]]:
    yield f"{view.identity}: first page", list_url(view.identity)
    for name in view.sorts:
        for sort in (name, f"-{name}"):
            yield f"{view.identity}: by {sort}", list_url(view.identity, sort=sort)
    for filter in view.filters:
        for value in filter.conditions if isinstance(filter, Choice) else ():
            query = {filter.names[0]: value}
            yield f"{view.identity}: {urlencode(query)}", list_url(view.identity, **query)
    for words in (*WORDS.get(view.identity, ()), NOWHERE) if view.search_help else ():
        yield f"{view.identity}: search {words}", list_url(view.identity, q=words)
        yield f"{view.identity}: autocompletion {words}", f"{PATH}/{view.identity}/autocomplete?q={words}"


async def _row_pages(session: AsyncSession, view: View) -> AsyncIterator[tuple[str, str]]:
    """The page of the row in the middle, its form, and the page of the list that comes after it."""
    found = view.scope_of_list(view.scope(), {})
    order = next(iter(view.sorts.values()))
    rows = await session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    direction = order.column.desc() if order.is_descending else order.column
    middle = found.add_columns(order.column).order_by(direction, view.model.id).offset((rows or 0) // 2).limit(1)
    keyed = (await session.execute(middle)).first()
    if keyed is None:
        return
    row, key = keyed
    if Action.DETAILS in view.permissions:
        yield f"{view.identity}: details", row_url(view.identity, row)
    if Action.EDIT in view.permissions and view.may_change(row):
        yield f"{view.identity}: form", f"{PATH}/{view.identity}/edit/{row.id}"
    if rows and rows > 2 * PAGE_SIZE:
        yield (
            f"{view.identity}: page {rows // 2 // PAGE_SIZE:,}",
            list_url(view.identity, after=cursor_of(row, key, ListQuery())),
        )
