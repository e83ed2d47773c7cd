"""Bank statements in the back office: upload one, see which orders it pays, and mark these as received at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqladmin.authorization import Action as Access
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import SAVED
from apps.checkout.jobs import import_statement
from apps.checkout.models import BankStatement
from apps.checkout.statements.columns import NAMES
from apps.checkout.statements.importing import RECEIVED, refusal_of
from apps.core.importing import Difference
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.imports.models import FileImport
from apps.imports.views import ImportView, actions_of
from apps.payments.models import Payment
from apps.payments.permissions import PaymentPermission as P

LONGEST_NAME = 100
ONLY_IF = _("Only if it is not recognised: its name in the file, or its number.")
ACTIONS = tuple(
    replace(
        each,
        title=_("Mark all as received"),
        question=_("Mark these payments as received? Their orders are paid then. Skipped rows change nothing."),
        done=_("The payments are being marked as received."),
        needs_proof=True,
    )
    if each.name == "import"
    else each
    for each in actions_of(import_statement, P.PAYMENTS_RECEIVE)
)


class StatementForm(Form):
    file = fields.File(
        _("File"),
        accept=".csv,text/csv",
        required=True,
        help=_("The statement as CSV, as your bank gives it. You see which orders it pays before anything changes."),
    )
    amount = fields.Input(_("Column with the amount"), help=ONLY_IF)
    purpose = fields.Input(_("Column with the reference"), help=ONLY_IF)
    currency = fields.Input(_("Column with the currency"), help=ONLY_IF)
    date = fields.Input(_("Column with the date"), help=ONLY_IF)
    counterparty = fields.Input(_("Column with the payer"), help=ONLY_IF)


class BankStatementAdmin(ImportView, model=BankStatement):
    name, name_plural, group = _("Bank statement"), _("Bank statements"), _("Sales")
    name_of_new = _("New bank statement")
    menu_place = 60
    permissions = dict.fromkeys((Access.LIST, Access.DETAILS, Access.CREATE), P.PAYMENTS_RECEIVE)
    actions = ACTIONS
    form = StatementForm
    job = import_statement
    thing, thing_identity = Payment, "payment"
    column_labels = {**ImportView.column_labels, "changed": _("Matched"), "unchanged": _("Already received")}
    column_list = ["file_name", "state", "changed", "unchanged", "bad", "created_at"]
    column_details_list = ["state", "progress", "changed", "unchanged", "bad", "who", "created_at", "finished_at"]
    field_names = {RECEIVED: _("Received")}

    def told(self, request: Request) -> Lazy | None:
        uploaded = request.query_params.get("done") == SAVED
        return _("The file is uploaded. Nothing changes before you accept it.") if uploaded else super().told(request)

    def refusal(self, data: bytes) -> Lazy | None:
        return refusal_of(data)

    def options(self, context: ActionContext, form: Any) -> Mapping[str, Any]:
        chosen = {name: str(form[name].data or "").strip()[:LONGEST_NAME] for name in NAMES}
        return {name: column for name, column in chosen.items() if column}

    def shown(self, difference: Difference, value: Any, row: FileImport, request: Request) -> Any:
        if difference.field == RECEIVED and value is not None:
            return format_money(value["amount"], value["currency"], locale=locale_of(request))
        return super().shown(difference, value, row, request)
