"""Imports of concerts in the back office: upload a file, review it, import it."""

from datetime import datetime
from typing import Any

from sqladmin.authorization import Action as Access
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.formats import clock
from apps.backoffice.requests import locale_of
from apps.concerts.admin.common import CONCERTS
from apps.concerts.imports.file_import import refusal_of
from apps.concerts.jobs import import_file
from apps.concerts.models import Concert, ConcertImport
from apps.concerts.permissions import ConcertPermission as P
from apps.core.importing import Difference
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.imports.models import FileImport
from apps.imports.views import ImportView, actions_of
from project.settings import settings

MOMENTS = ("starts_at", "on_sale_at")


class ConcertFileForm(Form):
    file = fields.File(
        _("File"),
        accept=".json,application/json",
        required=True,
        help=_("Bandsintown events as JSON, at most 10 MB. You see the changes before they are made."),
    )


class ConcertImportAdmin(ImportView, model=ConcertImport):
    name, name_plural, group = _("Concert import"), _("Concert imports"), CONCERTS
    name_of_new = _("New concert import")
    menu_place = 70
    permissions = dict.fromkeys((Access.LIST, Access.DETAILS, Access.CREATE), P.CONCERTS_IMPORT)
    actions = actions_of(import_file, P.CONCERTS_IMPORT)
    form = ConcertFileForm
    job = import_file
    thing, thing_identity = Concert, "concert"
    field_names = {
        "title": _("Title"),
        "description": _("Description"),
        "venue_id": _("Venue"),
        "starts_at": _("Starts"),
        "on_sale_at": _("Sales start"),
        "lineup": _("Support acts"),
        "tickets_elsewhere": _("Tickets elsewhere"),
    }

    def refusal(self, data: bytes) -> Lazy | None:
        return refusal_of(data)

    def shown(self, difference: Difference, value: Any, row: FileImport, request: Request) -> Any:
        if difference.field in MOMENTS and value is not None:
            return clock(datetime.fromisoformat(value), settings.time_zone, locale_of(request))
        return super().shown(difference, value, row, request)
