"""What actions of products ask for."""

from collections.abc import Sequence

from msgspec import Struct
from wtforms import Form

from apps.backoffice import fields
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Title
from apps.inventory.models import Pool
from apps.shop.admin.product_form import OptionsForm
from apps.shop.products.repricing import Before, Rounding

ROUNDINGS: list[tuple[str, Lazy | str]] = [
    (Rounding.exact, _("not at all")),
    *((each, f".{each}") for each in Rounding if each is not Rounding.exact),
]
BEFORES: list[tuple[str, Lazy | str]] = [
    (Before.stays, _("stays as it is")),
    (Before.price, _("becomes the current price")),
    (Before.none, _("none")),
]
NOTHING_COUNTED = _("Stock is not tracked for this product: it never sells out.")


class CombinationsForm(OptionsForm):
    option_1 = fields.CommaSeparated(_("Option"), help=_("Separated by commas: S, M, L."))
    option_2 = fields.CommaSeparated(_("Option"), help=_("Separated by commas: S, M, L."))
    option_3 = fields.CommaSeparated(_("Option"), help=_("Separated by commas: S, M, L."))
    price = fields.Money(_("Price"), required=True)
    stock = fields.Number(_("Quantity of each"), empty=None, help=_("Leave empty if stock is not tracked."))
    max_per_order = fields.Number(_("Max. per order"), default=10)


class PiecesForm(Form):
    pool = fields.Hidden(_("Stock"))
    units = fields.Number(_("Quantity"), empty=None)


class DeliveryForm(Form):
    pieces = fields.Rows(fields.Row(PiecesForm), _("Quantity"), spare=0)
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


class CopyForm(Form):
    title = fields.Input(_("Title"), required=True)


class TitleIn(Struct):
    title: Title


class NewPricesForm(Form):
    price = fields.Money(_("New price"))
    percent = fields.Decimals(_("Or change by percent"), empty=None, help=_("10 to raise prices, -10 to lower them."))
    rounding = fields.Choice(
        _("Rounded to"),
        choices=ROUNDINGS,
        default="exact",
        help=_("The nearest price with this ending, after the percentage."),
    )
    before = fields.Choice(
        _("Compare-at price"),
        choices=BEFORES,
        default="stays",
        help=_("Shown crossed out beside a lower price. Removed where the new price is not lower."),
    )
    begins_at = fields.DateTime(
        _("From"), help=_("With a start or an end this is a sale: the current price comes back automatically.")
    )
    ends_at = fields.DateTime(_("Until"))
