"""The first screen of the back office: each box for who may see it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.home import Home
from apps.backoffice.lists.pages import COUNTED
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of, person_of
from apps.checkout.permissions import OrderPermission
from apps.concerts.permissions import ConcertPermission
from apps.core.db.database import now
from apps.inventory.permissions import StockPermission
from apps.media.permissions import MediaPermission
from apps.payments.permissions import PaymentPermission
from apps.reports.calendar import Calendar
from apps.reports.chart import chart_of
from apps.reports.panels import low_stock, next_concerts
from apps.reports.permissions import JobPermission
from apps.reports.sales import sales_of
from apps.reports.waiting import (
    NOT_FETCHED,
    NOT_UNDERSTOOD,
    TO_BE_REFUNDED,
    Waiting,
    jobs_waiting,
    orders_waiting,
    waiting_for,
    workers_missing,
)
from project.settings import settings

WHO_ATTENDS = {OrderPermission.ORDERS_VIEW, PaymentPermission.PAYMENTS_REPORTS, JobPermission.JOBS_VIEW}
TO_KNOW_OF_REFUNDS = {OrderPermission.ORDERS_VIEW, ConcertPermission.CONCERTS_VIEW}


async def overview(session: AsyncSession, request: Request) -> Mapping[str, Any]:
    """Nine queries, however much there is."""
    may = person_of(request).permissions
    moment = await now(session)
    waiting = await _waiting(session, may)
    sales = await sales_of(session, Calendar(moment, settings.time_zone)) if OrderPermission.ORDERS_VIEW in may else []
    return {
        "moment": moment,
        "sales": [(each, chart_of(each, locale=locale_of(request))) for each in sales],
        "counted": COUNTED,
        "waiting": waiting,
        "panels": await _panels(session, request, may),
        "may_wait": bool(waiting) or not may.isdisjoint(WHO_ATTENDS),
    }


async def _waiting(session: AsyncSession, may: frozenset[str]) -> list[Waiting]:
    orders = orders_waiting() if OrderPermission.ORDERS_VIEW in may else []
    concerts = [TO_BE_REFUNDED] if may.issuperset(TO_KNOW_OF_REFUNDS) else []
    pictures = [NOT_FETCHED] if MediaPermission.MEDIA_UPLOAD in may else []
    reports = [NOT_UNDERSTOOD] if PaymentPermission.PAYMENTS_REPORTS in may else []
    jobs = jobs_waiting() if JobPermission.JOBS_VIEW in may else []
    no_worker = await workers_missing(session) if JobPermission.JOBS_VIEW in may else []
    return no_worker + await waiting_for(session, *orders, *concerts, *pictures, *reports, *jobs)


async def _panels(session: AsyncSession, request: Request, may: frozenset[str]) -> list[Panel]:
    concerts = [await next_concerts(session, request)] if ConcertPermission.CONCERTS_VIEW in may else []
    stock = [await low_stock(session, request)] if StockPermission.STOCK_VIEW in may else []
    return concerts + stock


HOME = Home("reports/home.html", overview)
