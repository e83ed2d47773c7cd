"""Products, for staff."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from apps.accounts.guards import Staff
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.filters import IdsQuery, UpdatedAfter, ids_in
from apps.core.http.once import KeyedOnceDep, OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.datetimes import in_utc
from apps.core.text.search import WordsQuery
from apps.core.text.slugs import SlugTaken
from apps.shop.controllers import TagQuery, VendorQuery
from apps.shop.products.catalogue import OptionsInUse, add_product, archive_product, change_product, restore_product
from apps.shop.products.repricing import NewPricesIn, reprice
from apps.shop.staff.common import ARCHIVE, EDIT, STAFF, TAGS, VIEW
from apps.shop.staff_reads import (
    ProductStaffQuery,
    find_product,
    list_products,
    list_variants,
    lock_product,
    product_out,
)
from apps.shop.staff_schemas import ProductIn, ProductListedOut, ProductStaffOut, VariantStaffOut

CategoryQuery = Annotated[UUID | None, QueryParameter(name="category", required=False, description="A category's id.")]
PublishedQuery = Annotated[bool | None, QueryParameter(name="published", required=False)]


class ProductStaffController(Controller):
    path = f"{STAFF}/products"
    tags = TAGS

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

    @get("/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[ProductStaffOut]:
        """One product."""
        return shown(await find_product(session, id))

    @post("/", status_code=201, guards=[EDIT], responses=problems(SlugTaken))
    async def create(
        self, data: JSONBody[ProductIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[ProductStaffOut]:
        """Add a product. What can be bought of it are its variants."""

        async def work() -> Response[ProductStaffOut]:
            product = await add_product(session, data, actor=person.actor)
            return shown(product_out(product), status=201, location=f"{STAFF}/products/{product.id}")

        return await once(work)

    @put("/{id:uuid}", guards=[EDIT], responses=problems(NotFound, SlugTaken, InArchive, OptionsInUse))
    async def change(
        self, id: FromPath[UUID], data: JSONBody[ProductIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[ProductStaffOut]:
        """Change a product. Its variants are called and sold as it says; past orders stay as they are."""
        product = await lock_product(session, id)
        refuse_stale(if_match, product_out(product))
        await change_product(session, product, data, actor=person.actor)
        return shown(product_out(product))

    @post(
        "/{id:uuid}/reprice",
        status_code=200,
        operation_id="repriceStaffProduct",
        guards=[EDIT],
        responses=problems(NotFound, InArchive),
    )
    async def reprice(
        self, id: FromPath[UUID], data: JSONBody[NewPricesIn], session: Session, person: Staff, keyed_once: KeyedOnceDep
    ) -> Response[Page[VariantStaffOut]]:
        """New prices for all variants at once: one price, or so many per cent. Orders keep theirs.

        It needs an Idempotency-Key, since ten per cent off twice are nineteen.
        """

        async def work() -> Response[Page[VariantStaffOut]]:
            product = await lock_product(session, id)
            await reprice(session, [product], data, actor=person.actor)
            return shown(Page(await list_variants(session, product.id, ArchiveFilter.in_use), next=None))

        return await keyed_once(work)

    @post("/{id:uuid}/archive", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def archive(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ProductStaffOut]:
        """Sell a product no more. What was ordered is still delivered."""
        product = await lock_product(session, id)
        await archive_product(session, product, actor=person.actor)
        return shown(product_out(product))

    @post("/{id:uuid}/restore", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def restore(self, id: FromPath[UUID], session: Session, person: Staff) -> Response[ProductStaffOut]:
        """Put a product back; it is sold again if it is published."""
        product = await lock_product(session, id)
        await restore_product(session, product, actor=person.actor)
        return shown(product_out(product))
