"""Fetches of remote pictures in the back office: which wait, which failed and why."""

from typing import Any
from uuid import UUID

from sqladmin.authorization import Action as Access
from starlette.requests import Request

from apps.backoffice.actions.action import Action
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.formats import NOTHING, badge, plainly
from apps.backoffice.lists.filters import states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.media.fetching.fetch_requests import try_again
from apps.media.fetching.fetches import PictureFetchRepository
from apps.media.fetching.models import FetchState, PictureFetch
from apps.media.fetching.problems import sentence_of
from apps.media.permissions import MediaPermission

STATES = {
    FetchState.waiting: _("Waiting to be downloaded"),
    FetchState.fetched: _("Downloaded"),
    FetchState.failed: _("Could not be downloaded"),
}


def reason(row: PictureFetch, name: str, request: Request) -> str:
    return sentence_of(row.reason, row.detail, locale_of(request)) or NOTHING


def next_try(row: PictureFetch, name: str, request: Request) -> Any:
    return plainly(row, "try_at", request) if row.state is FetchState.waiting else NOTHING


class PictureFetchAdmin(View, model=PictureFetch):
    name, name_plural, group = _("Imported image"), _("Imported images"), _("System")
    menu_place = 80
    permissions = {Access.LIST: MediaPermission.MEDIA_UPLOAD, Access.DETAILS: MediaPermission.MEDIA_UPLOAD}
    column_list = ["url", "state", "reason", "tries", "try_at", "created_at"]
    column_details_list = column_list
    column_labels = {
        "url": _("URL"),
        "state": _("Status"),
        "reason": _("Error"),
        "tries": _("Attempts"),
        "try_at": _("Next attempt"),
        "created_at": _("Requested at"),
    }
    column_formatters = {"state": badge(STATES), "reason": reason, "try_at": next_try}
    sorts = {"created_at": Sort(PictureFetch.id, UUID, is_descending=True)}
    filters = (states("state", _("Status"), PictureFetch.state, STATES),)
    label_column = "url"
    search_help = _("Part of the URL")
    searched = ("url",)
    empty = _("No imported images.")
    actions = (
        Action(
            name="again",
            title=_("Try again"),
            question=_("Try this job again now?"),
            done=_("Trying again."),
            permission=MediaPermission.MEDIA_UPLOAD,
            run=locked(PictureFetchRepository, try_again),
            applies=lambda fetch: fetch.state is FetchState.failed or bool(fetch.reason),
            many=True,
        ),
    )
