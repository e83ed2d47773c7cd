"""Variants, for staff."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import Page
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Session
from apps.orders.offers.pools import PoolArchived
from apps.shop.products.variant_rules import OptionsTaken, TooManyVariants
from apps.shop.products.variants import add_variant, archive_variant, change_variant, lock_variant, restore_variant
from apps.shop.repositories import ProductRepository
from apps.shop.staff.common import ARCHIVE, EDIT, STAFF, TAGS, VIEW
from apps.shop.staff_reads import find_variant, list_variants, variant_out
from apps.shop.staff_schemas import NewVariantIn, VariantIn, VariantStaffOut


class VariantStaffController(Controller):
    path = STAFF
    tags = TAGS

    @get("/products/{id:uuid}/variants", guards=[VIEW], cache_control=PERSONAL, responses=problems(NotFound))
    async def list(
        self, id: FromPath[UUID], session: Session, archived: ArchiveQuery = ArchiveFilter.in_use
    ) -> Page[VariantStaffOut]:
        """The variants of a product, in their order: all on one page."""
        product = await ProductRepository(session=session).find(id)
        return Page(await list_variants(session, product.id, archived), next=None)

    @get("/variants/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[VariantStaffOut]:
        """One variant."""
        return shown(await find_variant(session, id))

    @post(
        "/products/{id:uuid}/variants",
        status_code=201,
        guards=[EDIT],
        responses=problems(NotFound, InArchive, OptionsTaken, TooManyVariants),
    )
    async def create(
        self,
        id: FromPath[UUID],
        data: JSONBody[NewVariantIn],
        session: Session,
        current_user: Staff,
        idempotent: IdempotentDep,
    ) -> Response[VariantStaffOut]:
        """Add a variant to a product. It can be bought at once when the product is published."""
        return await idempotent(_create, session, id, data, actor=current_user.actor)

    @put("/variants/{id:uuid}", guards=[EDIT], responses=problems(NotFound, InArchive, OptionsTaken))
    async def change(
        self,
        id: FromPath[UUID],
        data: JSONBody[VariantIn],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[VariantStaffOut]:
        """Change a variant, for orders to come."""
        product, variant = await lock_variant(session, id)
        refuse_stale(if_match, variant_out(variant))
        await change_variant(session, product, variant, data, actor=current_user.actor)
        return shown(variant_out(variant))

    @post("/variants/{id:uuid}/archive", status_code=200, guards=[ARCHIVE], responses=problems(NotFound))
    async def archive(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[VariantStaffOut]:
        """Sell a variant no more. What was ordered is still delivered."""
        product, variant = await lock_variant(session, id)
        await archive_variant(session, product, variant, actor=current_user.actor)
        return shown(variant_out(variant))

    @post("/variants/{id:uuid}/restore", status_code=200, guards=[ARCHIVE], responses=problems(NotFound, PoolArchived))
    async def restore(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[VariantStaffOut]:
        """Put a variant back; it is sold again if its product is."""
        product, variant = await lock_variant(session, id)
        await restore_variant(session, product, variant, actor=current_user.actor)
        return shown(variant_out(variant))


async def _create(
    session: AsyncSession, product_id: UUID, data: NewVariantIn, *, actor: str
) -> Response[VariantStaffOut]:
    product = await ProductRepository(session=session).find_locked(product_id)
    variant = await add_variant(session, product, data, actor=actor)
    return shown(variant_out(variant), status=201, location=f"{STAFF}/variants/{variant.id}")
