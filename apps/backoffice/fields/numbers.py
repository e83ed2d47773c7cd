"""Form fields for numbers, amounts of money, and dates with times."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from apps.backoffice.fields.text import Input, Unreadable
from apps.core.http.validation import INTEGER
from apps.core.money import is_currency, minor_units
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

NO_NUMBER = _("Must be a number.")
NO_AMOUNT = _("Must be an amount of money: 19.90.")
NO_MOMENT = _("Must be a date and a time.")
HIGHEST = 10**12
"""Of whatever currency; the schemas have bounds of their own."""


class Number(Input):
    kind = "number"

    def read(self, text: str) -> Any:
        try:
            return int(text)
        except ValueError:
            raise Unreadable(INTEGER) from None


class Decimals(Input):
    """Degrees and the like."""

    kind = "decimal"

    def read(self, text: str) -> Any:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            raise Unreadable(NO_NUMBER) from None


class Money(Input):
    """Typed as people write it, 19.90; `data` is minor units of `currency`."""

    kind = "money"

    def __init__(self, label: Lazy, *, currency: str = settings.currency, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.currency = currency

    def in_currency(self, currency: str) -> None:
        """Read anew what was typed."""
        self.currency = currency if is_currency(currency) else settings.currency
        if self.typed:
            self.sentences = []
            self.process_formdata([self.typed])

    def read(self, text: str) -> Any:
        try:
            amount = Decimal(text.replace(" ", "").replace("\xa0", "").replace(",", "."))
            is_amount = amount.is_finite() and abs(amount) <= HIGHEST and not amount.scaleb(self._places) % 1
        except ArithmeticError:
            is_amount = False
        if not is_amount:
            raise Unreadable(NO_AMOUNT)
        return minor_units(amount, self.currency)

    def keep(self, saved: Input) -> None:
        if isinstance(saved, Money) and saved.currency == self.currency:
            super().keep(saved)

    def write(self, value: Any) -> str:
        return f"{Decimal(value).scaleb(-self._places):.{self._places}f}"

    @property
    def _places(self) -> int:
        return get_currency_precision(self.currency)


class DateTime(Input):
    """By the clocks of `zone`, which the form may set after it was made; `data` is the instant in UTC (RFC 3339)."""

    kind = "moment"

    def __init__(self, label: Lazy, *, zone: str = settings.time_zone, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.zone = zone
        self.unit: Lazy | str = zone

    def read(self, text: str) -> Any:
        try:
            local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone))
            return local.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            raise Unreadable(NO_MOMENT) from None

    def write(self, value: Any) -> str:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        local = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return local.isoformat(timespec="minutes")

    def keep(self, saved: Input) -> None:
        """A minute is less than a moment: it has seconds, and comes twice when clocks are put back."""
        if isinstance(saved, DateTime) and saved.zone == self.zone:
            super().keep(saved)

    def in_zone(self, zone: str) -> None:
        """Read anew what was typed by other clocks."""
        is_another = zone != self.zone
        self.zone = self.unit = zone
        if self.typed and is_another:
            self.sentences = []
            self.process_formdata([self.typed])
