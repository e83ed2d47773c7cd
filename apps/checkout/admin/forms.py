"""What staff are asked when they do something with an order."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct
from wtforms import Form

from apps.backoffice import fields
from apps.core.text.i18n import LOCALES
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Email, LongText
from apps.orders.models import OrderLine
from project.settings import settings

REASON = _("Reason")
FOR_STAFF = _("Only visible to staff, in the order's history.")


class AddressForm(Form):
    line1 = fields.Input(_("Street and number"))
    line2 = fields.Input(_("Address line 2"))
    postal_code = fields.Input(_("Postal code"))
    city = fields.Input(_("City"))
    region = fields.Input(_("Region"))
    country = fields.Input(_("Country"), help=_("Two capital letters: DE."))


class CustomerForm(Form):
    name = fields.Input(_("Name"))
    email = fields.Input(_("Email"), required=True)
    address = fields.OptionalRow(AddressForm, _("Address"))


class CompOrderLineForm(Form):
    offer = fields.Reference(_("Ticket or variant"), identity="offer")
    quantity = fields.Number(_("Quantity"), empty=None, default=1)


class CompOrderLines(fields.Rows):
    """Rows without a quantity are left out."""

    @property
    def data(self) -> Any:
        return [entry.data for entry in self._given]

    @data.setter
    def data(self, value: Any) -> None:
        """WTForms sets it while it makes the rows; they know better."""

    def step_to(self, number: int) -> str:
        entry, given = self.entries[number], self._given
        return f"[{given.index(entry) if entry in given else len(given)}]"

    def entry_for(self, step: str) -> Any | None:
        return self._given[int(step)] if step.isdecimal() and int(step) < len(self._given) else None

    @property
    def _given(self) -> Sequence[Any]:
        return [entry for entry in self.entries if entry.form.quantity.data is not None]


class CompOrderForm(Form):
    lines = CompOrderLines(
        fields.Row(CompOrderLineForm),
        _("Tickets and merch"),
        spare=3,
        help=_("Rows without a quantity are skipped."),
    )
    name = fields.Input(_("Name"))
    email = fields.Input(_("Email"), required=True, help=_("The tickets are emailed to this address."))
    locale = fields.Choice(
        _("Language"), choices=[(each, fields.LANGUAGES[each]) for each in LOCALES], default=settings.locale
    )
    reason = fields.Input(REASON, required=True, help=FOR_STAFF)
    address = fields.OptionalRow(
        AddressForm,
        _("Address"),
        help=_("For merch to be shipped. Without an address it is picked up at the merch table."),
    )


class LineId(fields.Hidden):
    """Alone it makes no row."""

    is_blank = True


class RefundLineForm(Form):
    line = LineId(_("Item"))
    quantity = fields.Number(_("Quantity"), empty=None)


class RefundLineRows(fields.Rows):
    """Lines without a quantity are left out."""

    @property
    def data(self) -> Any:
        return [entry.data for entry in self.entries if entry.form.quantity.data is not None]


class RefundForm(Form):
    reason = fields.Input(REASON, required=True, help=FOR_STAFF)


class RefundLinesForm(Form):
    lines = RefundLineRows(fields.Row(RefundLineForm), _("Items to refund"), spare=0)
    reason = fields.Input(REASON, required=True, help=FOR_STAFF)

    def name_lines(self, lines: Sequence[OrderLine]) -> None:
        """One row for each line of the order, called by its title; what was left out comes last."""
        asked = {entry.form.line.data for entry in self.lines.entries}
        for line in lines:
            if str(line.id) not in asked:
                self.lines.append_entry({"line": str(line.id)})
        by_id = {str(line.id): line for line in lines}
        for entry in self.lines.entries:
            entry.of = by_id.get(entry.form.line.data)


class RefundAmountForm(Form):
    amount = fields.Money(_("Amount"), required=True)
    reason = fields.Input(REASON, required=True, help=FOR_STAFF)


class NoteForm(Form):
    note = fields.LongText(_("Note"), required=True)


class NoteIn(Struct):
    note: Annotated[LongText, Meta(min_length=1)]


class ResendForm(Form):
    email = fields.Input(_("Send to another address"), empty=None, help=_("Leave empty to send it to the customer."))


class ResendIn(Struct):
    email: Email | None = None
