"""Tours in the back office."""

from functools import partial
from uuid import UUID

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.lists.pages import Sort
from apps.backoffice.resource_view import Belonging, ResourceView, common_actions
from apps.concerts.admin.common import CONCERTS, TO_COME
from apps.concerts.admin.concerts_panel import concerts_panel
from apps.concerts.models import Concert, Tour
from apps.concerts.resources import TOUR
from apps.core.text.i18n import lazy as _


class TourForm(Form):
    title = fields.Input(_("Title"), required=True)
    slug = fields.Slug()
    description = fields.LongText(_("Description"))
    translations = fields.Translations()


class TourAdmin(ResourceView, model=Tour):
    declared = TOUR
    name, name_plural, group = _("Tour"), _("Tours"), CONCERTS
    name_of_new = _("New tour")
    column_list = ["title", "slug", "concerts", "to_come"]
    column_details_list = [*column_list, "description"]
    column_labels = {"concerts": _("Concerts"), "to_come": _("Upcoming")}
    counted = {
        "concerts": Belonging(Concert.tour_id),
        "to_come": Belonging(Concert.tour_id, TO_COME, Concert.archived_at.is_(None)),
    }
    affected = {_("Concerts"): Belonging(Concert.tour_id)}
    tables = (partial(concerts_panel, Concert.tour_id, "tour"),)
    sorts = {"slug": Sort(Tour.id, UUID, is_descending=True), "title": Sort(Tour.title, str)}
    search_help = _("Title or URL")
    empty = _("No tours yet. Concerts do not need one.")
    form = TourForm
    actions = common_actions(
        TOUR,
        archive=_("Archive this tour? Its concerts stay."),
        delete=_("Delete this tour? This cannot be undone. Only a tour without concerts can be deleted."),
    )
