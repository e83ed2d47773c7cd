"""Bank transfers: the order's page says where to pay to, and staff say when the money has come.

How to set it up: docs/payment-providers.md.
"""

from apps.core.text.i18n import lazy as _
from apps.payments.bank_transfer.settings import BankTransferSettings
from apps.payments.offline.provider import OfflineProvider
from apps.payments.providers import HowToPay, Instruction, declare


class BankTransferProvider(OfflineProvider):
    name = "bank_transfer"
    title = _("Bank transfer")

    def __init__(self, config: BankTransferSettings) -> None:
        account = (_("Account holder"), config.holder), (_("IBAN"), spaced(config.iban)), (_("BIC"), config.bic)
        how_to_pay = HowToPay(
            heading=_("Waiting for your transfer"),
            request=_(
                "Everything is reserved for you until {day}. Please transfer the whole amount by then, and quote the "
                "reference: we know your payment by it."
            ),
            number=_("Reference to quote"),
            afterwards=_("A transfer takes a day or two. We write to you as soon as it has arrived."),
            lines=tuple(Instruction(label, text) for label, text in account if text),
        )
        super().__init__(days=config.days, how_to_pay=how_to_pay)


def spaced(iban: str) -> str:
    """In groups of four, as it is printed."""
    plain = iban.replace(" ", "")
    return " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))


declare(BankTransferProvider, BankTransferSettings)
