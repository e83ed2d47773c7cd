"""The staff API of products with their variants: one to read, many to write."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff
from apps.core.errors import NotFound
from apps.core.http.idempotent_requests import IdempotentWithKeyDep
from apps.core.http.openapi import problems, success_response
from apps.core.http.preconditions import shown
from apps.core.http.requests import AnyRequest, Session, locale_of
from apps.shop.products.with_variants import refuse_archiving
from apps.shop.repositories import ProductRepository
from apps.shop.staff.batch import ProductRowIn, ProductRowsIn, ProductRowsOut, write_products
from apps.shop.staff.common import EDIT, STAFF, TAGS, VIEW
from apps.shop.staff_reads import product_with_variants_out
from apps.shop.staff_schemas import ProductWithVariantsOut

LARGEST_BATCH = 10 * 1024 * 1024


class ProductWithVariantsStaffController(Controller):
    path = f"{STAFF}/products"
    tags = TAGS

    @get("/{id:uuid}/sheet", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[ProductWithVariantsOut]:
        """One product with its variants in use; the `ETag` covers them all."""
        product = await ProductRepository(session=session).find(id)
        await session.refresh(product, ["images"])
        return shown(await product_with_variants_out(session, product))

    @post(
        "/batch",
        status_code=207,
        operation_id="writeStaffProducts",
        guards=[EDIT],
        request_max_body_size=LARGEST_BATCH,
        responses=success_response(ProductRowsOut, status=207, description="What became of each row, in their order."),
    )
    async def write(
        self,
        data: JSONBody[ProductRowsIn],
        request: AnyRequest,
        session: Session,
        current_user: Staff,
        idempotent_with_key: IdempotentWithKeyDep,
    ) -> Response[ProductRowsOut]:
        """Add and change up to 50 products with their variants. Rows that are refused leave the others as they are.

        It needs an Idempotency-Key: the same request again is answered with what became of the first.
        """
        refuse_archiving([row for each in data.products for row in each.variants], current_user)
        return await idempotent_with_key(
            _write, session, data.products, locale=locale_of(request), actor=current_user.actor
        )


async def _write(
    session: AsyncSession, rows: Sequence[ProductRowIn], *, locale: str, actor: str
) -> Response[ProductRowsOut]:
    return shown(await write_products(session, rows, locale=locale, actor=actor), status=207)
