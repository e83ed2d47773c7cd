"""The settings of bank transfers: BANK_TRANSFER_IBAN and so on."""

from typing import Annotated

from msgspec import Meta, Struct


class BankTransferSettings(Struct, frozen=True, kw_only=True):
    """The account that fans pay to, and for how many days an order waits for its money."""

    iban: Annotated[str, Meta(pattern=r"^[A-Z]{2}\d{2}( ?[A-Z0-9]){10,30}$")]
    holder: Annotated[str, Meta(min_length=2, max_length=70)]
    bic: Annotated[str, Meta(pattern=r"^([A-Z0-9]{8}([A-Z0-9]{3})?)?$")] = ""
    days: Annotated[int, Meta(ge=1, le=30)] = 7
