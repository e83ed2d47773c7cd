"""The first screen of the back office: each box for who may see it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.home import Box, Home, Question
from apps.backoffice.lists.pages import COUNTED
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, locale_of
from apps.backoffice.views.registry import views_of
from apps.core.db.database import now
from apps.core.installed import declared
from apps.jobs.permissions import JobPermission
from apps.orders.permissions import OrderPermission
from apps.reports.calendar import Calendar
from apps.reports.chart import chart_of
from apps.reports.sales import sales_of
from apps.reports.waiting import waiting_for, workers_missing
from project.settings import settings


async def overview(session: AsyncSession, request: Request) -> Mapping[str, Any]:
    """Ten queries, however much there is."""
    may, lists = current_user_of(request).permissions, views_of(request).visible_to(request).keys()
    questions = [each for each in all_questions() if each.views <= lists]
    moment = await now(session)
    no_worker = await workers_missing(session) if JobPermission.JOBS_VIEW in may else []
    waiting = no_worker + await waiting_for(session, questions)
    sales = await sales_of(session, Calendar(moment, settings.time_zone)) if OrderPermission.ORDERS_VIEW in may else []
    return {
        "moment": moment,
        "sales": [(each, chart_of(each, locale=locale_of(request))) for each in sales],
        "counted": COUNTED,
        "waiting": waiting,
        "panels": await _panels(session, request),
        "may_wait": bool(waiting) or any(each.is_duty for each in questions),
    }


async def _panels(session: AsyncSession, request: Request) -> list[Panel]:
    lists = views_of(request).visible_to(request)
    shown = [each for each in all_boxes() if each.view is None or each.view in lists]
    return [panel for each in shown if (panel := await each.panel(session, request))]


@cache
def all_questions() -> list[Question]:
    """Of every app, as they stand on the screen."""
    return sorted(declared("home", "QUESTIONS"), key=lambda each: each.rank)


@cache
def all_boxes() -> list[Box]:
    return sorted(declared("home", "BOXES"), key=lambda each: each.rank)


HOME = Home("reports/home.html", overview)
