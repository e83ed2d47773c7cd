"""The demo provider over HTTP: its API for shops, and the page where one pays, fails or walks away."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.database import now
from apps.core.errors import NotFound
from apps.core.http.pages import page
from apps.core.http.requests import PUBLIC, AnyRequest, Reads, Session
from apps.core.security.csrf import refuse_cross_site
from apps.payments.demo import services
from apps.payments.demo.models import DemoCheckout, DemoState
from apps.payments.demo.provider import is_api_token
from apps.payments.demo.schemas import CheckoutIn, CheckoutOut, CountOut, RefundIn, RefundOut, TransactionsOut
from apps.payments.demo.transactions import list_transactions
from apps.payments.models import DisputeState
from project.settings import settings


def shop_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if not is_api_token(connection.headers.get("authorization", "")):
        raise NotFound


class DemoApiController(Controller):
    path = "/demo/pay/api/checkouts"
    guards = [shop_only]
    include_in_schema = False
    opt = PUBLIC

    @post("/", status_code=200)
    async def open(self, data: JSONBody[CheckoutIn], session: Session) -> CheckoutOut:
        return _out(await services.open_page(session, data))

    @get("/")
    async def count(self, session: Session) -> CountOut:
        return CountOut(await services.count_pages(session))

    @get("/{id:uuid}")
    async def read(self, id: FromPath[UUID], session: Session) -> CheckoutOut:
        return _out(await services.lock_page(session, id))

    @post("/{id:uuid}/close", status_code=200)
    async def close(self, id: FromPath[UUID], session: Session) -> CheckoutOut:
        return _out(await services.close_page(session, id))

    @post("/{id:uuid}/refunds", status_code=200)
    async def refund(self, id: FromPath[UUID], data: JSONBody[RefundIn], session: Session) -> RefundOut:
        refund = await services.refund(session, id, data)
        return RefundOut(refund.id, refund.checkout_id, refund.amount)


class DemoTransactionController(Controller):
    path = "/demo/pay/api/transactions"
    guards = [shop_only]
    include_in_schema = False
    opt = PUBLIC

    @get("/")
    async def list(
        self,
        reads: Reads,
        start: Annotated[datetime, QueryParameter()],
        end: Annotated[datetime, QueryParameter()],
        after: Annotated[UUID | None, QueryParameter(required=False)] = None,
    ) -> TransactionsOut:
        return await list_transactions(reads, start, end, after=after)


class DemoPageController(Controller):
    """Its own look: a fan leaves the shop to pay, as with a real provider."""

    path = "/demo/pay"
    include_in_schema = False
    opt = PUBLIC

    @get("/{id:uuid}")
    async def show(self, id: FromPath[UUID], request: AnyRequest, session: Session) -> Response[str]:
        return await _page(request, session, id)

    @post("/{id:uuid}/pay")
    async def pay(self, id: FromPath[UUID], request: AnyRequest, session: Session) -> Response[str] | Response[None]:
        refuse_cross_site(request)
        try:
            return Redirect(_way_back(await services.pay(session, id)), status_code=303)
        except services.PageClosed as refusal:
            return await _page(request, session, id, status=refusal.status)

    @post("/{id:uuid}/fail")
    async def fail(self, id: FromPath[UUID], request: AnyRequest, session: Session) -> Response[str] | Response[None]:
        refuse_cross_site(request)
        try:
            await services.fail(session, id)
        except services.PageClosed as refusal:
            return await _page(request, session, id, status=refusal.status)
        return Redirect(f"/demo/pay/{id}", status_code=303)

    @post("/{id:uuid}/dispute/{outcome:str}")
    async def dispute(
        self, id: FromPath[UUID], outcome: FromPath[DisputeState], request: AnyRequest, session: Session
    ) -> Response[str] | Response[None]:
        refuse_cross_site(request)
        await services.dispute(session, id, outcome)
        return Redirect(f"/demo/pay/{id}", status_code=303)


async def _page(request: AnyRequest, session: AsyncSession, id: UUID, *, status: int = 200) -> Response[str]:
    checkout = await services.lock_page(session, id)
    is_open = checkout.state in (DemoState.open, DemoState.failed)
    stage = "expired" if is_open and checkout.expires_at <= await now(session) else checkout.state
    back = _way_back(checkout)
    return page(request, "payments/demo/pay.html", status=status, checkout=checkout, stage=stage, back=back)


def _way_back(checkout: DemoCheckout) -> str:
    """To the shop by whatever name the browser knows this host: it follows a form to its own host only."""
    return checkout.return_url.removeprefix(settings.base_url)


def _out(checkout: DemoCheckout) -> CheckoutOut:
    url = f"{settings.base_url}/demo/pay/{checkout.id}"
    return CheckoutOut(checkout.id, checkout.state, checkout.amount, checkout.currency, url)
