"""Categories, for staff."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import Staff
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive, archive, restore
from apps.core.errors import NotFound
from apps.core.http.once import OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.search import WordsQuery
from apps.core.text.slugs import SlugTaken
from apps.shop.products.catalogue import add_category, change_category
from apps.shop.repositories import CategoryRepository
from apps.shop.staff.common import ARCHIVE, EDIT, STAFF, TAGS, VIEW
from apps.shop.staff_reads import CategoryStaffQuery, category_out, list_categories
from apps.shop.staff_schemas import CategoryIn, CategoryStaffOut


class CategoryStaffController(Controller):
    path = f"{STAFF}/categories"
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        q: WordsQuery = "",
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[CategoryStaffOut]:
        """Categories, in their order."""
        return await list_categories(reads, CategoryStaffQuery(q=q, archive_filter=archived), limit=limit, after=after)

    @get("/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[CategoryStaffOut]:
        """One category."""
        return shown(category_out(await CategoryRepository(session=session).find(id)))

    @post("/", status_code=201, guards=[EDIT], responses=problems(SlugTaken))
    async def create(
        self, data: JSONBody[CategoryIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[CategoryStaffOut]:
        """Add a category."""

        async def work() -> Response[CategoryStaffOut]:
            category = await add_category(session, data, actor=person.actor)
            return shown(category_out(category), status=201, location=f"{STAFF}/categories/{category.id}")

        return await once(work)

    @put("/{id:uuid}", guards=[EDIT], responses=problems(NotFound, SlugTaken, InArchive))
    async def change(
        self, id: FromPath[UUID], data: JSONBody[CategoryIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[CategoryStaffOut]:
        """Change a category."""
        category = await CategoryRepository(session=session).find_locked(id)
        refuse_stale(if_match, category_out(category))
        await change_category(session, category, data, actor=person.actor)
        return shown(category_out(category))

    @post("/{id:uuid}/archive", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def archive(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[CategoryStaffOut]:
        """Take a category out of the lists; its products stay."""
        category = await CategoryRepository(session=session).find_locked(id)
        await archive(session, category, action="shop.archive_category", actor=person.actor)
        return shown(category_out(category))

    @post("/{id:uuid}/restore", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def restore(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[CategoryStaffOut]:
        """Put a category back into the lists."""
        category = await CategoryRepository(session=session).find_locked(id)
        await restore(session, category, action="shop.restore_category", actor=person.actor)
        return shown(category_out(category))
