"""Who invoices are from, and how they are numbered: the variables INVOICE_…. Without a seller none are issued."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from project.settings.oidc import SEE, SettingsError, sentence_of

PREFIX = "INVOICE_"
Line = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)]
Percent = Annotated[str, Meta(pattern=r"^(\d{1,2}(\.\d{1,2})?)?$")]
Series = Annotated[str, Meta(pattern=r"^[A-Z0-9-]{0,12}$")]


class InvoiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is the variable INVOICE_ and its name in capitals.

    A seller has a VAT id, or a tax number. `untaxed`: the category of EN 16931 of what no tax is on: zero rated,
    exempt, or not subject to VAT; `untaxed_reason` is said on the invoice. `former_tax_percent`: what TAX_PERCENT was
    before, while orders placed then may still be paid. `years` of retention follow the year of issue.
    """

    seller_name: Annotated[Line, Meta(min_length=1)]
    seller_street: Annotated[Line, Meta(min_length=1)]
    seller_postcode: Line = ""
    seller_city: Annotated[Line, Meta(min_length=1)]
    seller_country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    seller_vat_id: Annotated[str, Meta(pattern=r"^([A-Z]{2}[A-Z0-9+*]{2,13})?$")] = ""
    seller_tax_number: Line = ""
    seller_register: Line = ""
    seller_email: Line = ""
    prefix: Series = "INV-"
    credit_note_prefix: Series = "CN-"
    untaxed: Literal["Z", "E", "O"] = "E"
    untaxed_reason: Line = "Exempt from VAT"
    former_tax_percent: Percent = ""
    footer: Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=500)] = ""
    years: Annotated[int, Meta(ge=1, le=30)] = 10


def is_invoice_variable(name: str) -> bool:
    return name.startswith(PREFIX)


def read_invoice_settings(values: Mapping[str, str]) -> InvoiceSettings | None:
    """None where no seller is named. Raises SettingsError."""
    fields = msgspec.structs.fields(InvoiceSettings)
    given = {each.name: values[name] for each in fields if values.get(name := PREFIX + each.name.upper())}
    if "seller_name" not in given:
        return None
    for each in fields:
        if each.required and each.name not in given:
            raise SettingsError(f"{PREFIX}{each.name.upper()}: goes with {PREFIX}SELLER_NAME.{SEE}")
    try:
        read = msgspec.convert(given, InvoiceSettings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(sentence_of(error, PREFIX)) from None
    return _checked(read, float(values.get("TAX_PERCENT") or 0))


def _checked(read: InvoiceSettings, tax_percent: float) -> InvoiceSettings:
    rules = {
        "SELLER_VAT_ID: invoices need it, or INVOICE_SELLER_TAX_NUMBER.": not (
            read.seller_vat_id or read.seller_tax_number
        ),
        "CREDIT_NOTE_PREFIX: must differ from INVOICE_PREFIX.": read.prefix == read.credit_note_prefix,
        "UNTAXED: O, not subject to VAT, goes with a TAX_PERCENT of 0.": read.untaxed == "O" and tax_percent > 0,
    }
    for sentence, is_broken in rules.items():
        if is_broken:
            raise SettingsError(f"{PREFIX}{sentence}{SEE}")
    return read
