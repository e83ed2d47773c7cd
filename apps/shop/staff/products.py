"""Products, for staff."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff
from apps.accounts.resources import routes
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.filters import IdsQuery, UpdatedAfter, ids_in
from apps.core.http.idempotent_requests import IdempotentWithKeyDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.datetimes import in_utc
from apps.core.text.search import WordsQuery
from apps.core.text.slugs import SlugTaken
from apps.shop.controllers import TagQuery, VendorQuery
from apps.shop.products.catalogue import OptionsInUse
from apps.shop.products.repricing import NewPricesIn, reprice
from apps.shop.resources import PRODUCT
from apps.shop.staff.common import EDIT, TAGS, VIEW
from apps.shop.staff_reads import ProductStaffQuery, list_products, list_variants
from apps.shop.staff_schemas import ProductListedOut, VariantStaffOut

CategoryQuery = Annotated[UUID | None, QueryParameter(name="category", required=False, description="A category's id.")]
PublishedQuery = Annotated[bool | None, QueryParameter(name="published", required=False)]


class ProductStaffController(Controller):
    path, tags = PRODUCT.path, TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        q: WordsQuery = "",
        category: CategoryQuery = None,
        published: PublishedQuery = None,
        vendor: VendorQuery = None,
        tag: TagQuery = None,
        ids: IdsQuery = None,
        updated_after: UpdatedAfter = None,
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[ProductListedOut]:
        """Products, the newest first; with `updated_after` the first that changed comes first.

        A change of its variants, their prices or pictures is one of the product.
        """
        query = ProductStaffQuery(
            q=q,
            category=category,
            published=published,
            vendor=vendor or None,
            tag=tag or None,
            ids=ids_in(ids),
            **in_utc(updated_after=updated_after),
            archive_filter=archived,
        )
        return await list_products(reads, query, limit=limit, after=after)

    show = routes.to_show(PRODUCT, "One product.")
    create = routes.to_create(PRODUCT, "Add a product. What can be bought of it are its variants.", SlugTaken)
    change = routes.to_change(
        PRODUCT,
        "Change a product. Its variants are called and sold as it says; past orders stay as they are.",
        SlugTaken,
        OptionsInUse,
    )
    archive = routes.to_archive(PRODUCT, "Sell a product no more. What was ordered is still delivered.")
    restore = routes.to_restore(PRODUCT, "Put a product back; it is sold again if it is published.")

    @post(
        "/{id:uuid}/reprice",
        status_code=200,
        operation_id="repriceStaffProduct",
        guards=[EDIT],
        responses=problems(NotFound, InArchive),
    )
    async def reprice(
        self,
        id: FromPath[UUID],
        data: JSONBody[NewPricesIn],
        session: Session,
        current_user: Staff,
        idempotent_with_key: IdempotentWithKeyDep,
    ) -> Response[Page[VariantStaffOut]]:
        """New prices for all variants at once: one price, or so many per cent. Orders keep theirs.

        It needs an Idempotency-Key, since ten per cent off twice are nineteen.
        """
        return await idempotent_with_key(_reprice, session, id, data, actor=current_user.actor)


async def _reprice(
    session: AsyncSession, id: UUID, data: NewPricesIn, *, actor: str
) -> Response[Page[VariantStaffOut]]:
    product = await PRODUCT.lock(session, id)
    await reprice(session, [product], data, actor=actor)
    return shown(Page(await list_variants(session, product.id, ArchiveFilter.in_use), next=None))
