"""Fields of the back office's forms for the prices and the allocation of an offer."""

from typing import Any

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.forms.values import leaves
from apps.core.text.i18n import lazy as _
from project.settings import settings

MEMBERS = {
    "entitlement": _("Members"),
    "members_only": _("For members only"),
    "early_from": _("For members from"),
}
"""What an offer has of MembersIn, in words."""
MEMBERS_HELP = _("The entitlement that makes somebody a member: club.gold. Staff grant it on the page of a user.")


class ReducedForm(Form):
    amount = fields.Money(_("Sale price"))
    compare_at = fields.Money(_("Compare-at price"))
    begins_at = fields.DateTime(_("From"))
    ends_at = fields.DateTime(_("Until"))


class PriceForm(Form):
    currency = fields.Input(_("Currency"), default=settings.currency)
    amount = fields.Money(_("Price"))
    minimum = fields.Money(_("Minimum price"), help=_("The customer names the price."))
    member_amount = fields.Money(_("Members' price"))
    compare_at = fields.Money(_("Compare-at price"))
    reduced = fields.OptionalRow(ReducedForm, _("Sale"))


class PoolForm(Form):
    pool = fields.Reference(_("Pool"), identity="pool")
    units = fields.Number(_("Units"), default=1)


class Prices(fields.Keyed):
    """By currency; amounts are read in the row's own."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(PriceForm, _("Prices"), key="currency", **{"spare": 0, "min_entries": 1, **rest})

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        for entry in self.entries:
            for field in leaves(entry.form):
                if isinstance(field, fields.Money):
                    field.in_currency(entry.form.currency.data)


class Allocation(fields.Keyed):
    """Units by pool."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(PoolForm, _("Stock used"), key="pool", value="units", **rest)
