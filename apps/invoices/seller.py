"""Who sells, by the settings of now; and whether anything can be issued at all."""

import msgspec

from apps.core.text.i18n import lazy as _
from apps.invoices.contents import Seller
from project.settings import InvoiceSettings, settings

NOT_SET_UP = _("No invoices are issued: the seller's details (INVOICE_SELLER_NAME and what follows) are not set.")


def invoice_settings() -> InvoiceSettings | None:
    """None where no invoices are issued."""
    return settings.invoices


def seller_of(invoicing: InvoiceSettings) -> Seller:
    named = {each: getattr(invoicing, f"seller_{each}") for each in Seller.__struct_fields__ if each != "footer"}
    return msgspec.convert({**named, "footer": invoicing.footer}, Seller)
