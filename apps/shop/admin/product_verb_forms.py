"""What verbs of products ask for."""

from collections.abc import Sequence

from wtforms import Form

from apps.backoffice import fields
from apps.core.i18n import lazy as _
from apps.inventory.models import Pool
from apps.shop.admin.product_form import OptionsForm

NOTHING_COUNTED = _("Nothing of this product is counted: it never sells out.")


class CombinationsForm(OptionsForm):
    option_1 = fields.Words(_("Option"), help=_("With commas between: S, M, L."))
    option_2 = fields.Words(_("Option"), help=_("With commas between: S, M, L."))
    option_3 = fields.Words(_("Option"), help=_("With commas between: S, M, L."))
    price = fields.Money(_("Price"), required=True)
    stock = fields.Number(_("Pieces of each"), empty=None, help=_("Leave it empty when nothing is to be counted."))
    max_per_order = fields.Number(_("For one order"), default=10)


class PiecesForm(Form):
    pool = fields.Hidden(_("Stock"))
    units = fields.Number(_("Pieces"), empty=None)


class DeliveryForm(Form):
    pieces = fields.Rows(fields.Row(PiecesForm), _("Pieces"), spare=0)
    note = fields.Input(_("Note"), help=_("Who sent them, the number of the delivery."))

    def ask(self, title: str, pools: Sequence[Pool]) -> None:
        """By the names of the pools, which begin with the product's `title` mostly."""
        if not pools:
            self.pieces.help = NOTHING_COUNTED
        names = {str(pool.id): pool.name.removeprefix(f"{title} · ") for pool in pools}
        if not self.pieces.entries:
            for id in names:
                self.pieces.append_entry({"pool": id})
        for entry in self.pieces.entries:
            entry.form.units.label.text = names.get(str(entry.form.pool.data), "")


class NewPricesForm(Form):
    price = fields.Money(_("New price"))
    percent = fields.Decimals(_("Or change by per cent"), empty=None, help=_("10 for dearer, -10 for cheaper."))
    keeps_before = fields.Switch(
        _("Show the old price beside the new one"),
        help=_("Only where the new one is lower. Without this, a price before that is shown now goes."),
    )
