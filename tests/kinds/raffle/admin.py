"""Raffles in the back office."""

from sqladmin.authorization import Action as Access
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.pages import Sort
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from tests.kinds.raffle.models import Raffle
from tests.kinds.raffle.permissions import RafflePermission
from tests.kinds.raffle.raffles import RaffleIn, add_raffle


class RaffleForm(Form):
    title = fields.Input(_("Title"), required=True)
    price = fields.Money(_("Price"), required=True)
    lots = fields.Number(_("Lots"), empty=1)


class RaffleAdmin(View, model=Raffle):
    name, name_plural, group = _("Raffle"), _("Raffles"), _("Raffles")
    name_of_new = _("New raffle")
    permissions = dict.fromkeys((Access.LIST, Access.DETAILS, Access.CREATE), RafflePermission.RAFFLES_EDIT)
    column_list = column_details_list = ["title", "created_at"]
    column_labels = {"title": _("Title"), "created_at": _("Added")}
    sorts = {"title": Sort(Raffle.title, str)}
    searched, search_help = ("title",), _("Title")
    form = RaffleForm

    async def add(self, context: ActionContext, form: Form) -> Raffle:
        return await add_raffle(context.session, bind(form, RaffleIn), actor=context.actor)
