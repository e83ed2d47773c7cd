"""Cash: fans bring the money and the order's number to the merch table or box office, and staff mark it as received.

How to set it up: docs/payment-providers.md.
"""

from apps.core.text.i18n import lazy as _
from apps.payments.cash.settings import CashSettings
from apps.payments.offline.provider import OfflineProvider
from apps.payments.providers import HowToPay, Instruction, declare


class CashProvider(OfflineProvider):
    name = "cash"
    title = _("Cash")

    def __init__(self, config: CashSettings) -> None:
        how_to_pay = HowToPay(
            heading=_("Please pay in cash"),
            request=_(
                "Everything is reserved for you until {day}. Please bring the money to the merch table or box office "
                "by then, and show this number."
            ),
            number=_("Order number"),
            afterwards=_("As soon as you have paid, we write to you."),
            lines=(Instruction(_("Where"), config.place),) if config.place else (),
            is_number_large=True,
        )
        super().__init__(days=config.days, how_to_pay=how_to_pay)


declare(CashProvider, CashSettings)
