"""PayPal's currencies: https://developer.paypal.com/api/rest/reference/currency-codes/.

Its amounts are decimal numbers as text; HUF, JPY and TWD have no decimals there, whatever ISO 4217 says. BRL, CNY and
MYR are for accounts in those countries; PayPal itself refuses others.
"""

from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from apps.payments.models import WebhookProblem
from apps.payments.providers import Amounts, NotUnderstood
from apps.payments.providers.capabilities import MOST_MONEY

WHOLE = frozenset(("HUF", "JPY", "TWD"))
_HUNDREDTHS = """
AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN SEK SGD THB USD"""


def to_paypal(amount: int, currency: str) -> str:
    places = 0 if currency in WHOLE else 2
    return f"{Decimal(amount).scaleb(-get_currency_precision(currency)):.{places}f}"


def from_paypal(value: str, currency: str) -> int:
    """Raises NotUnderstood for what is no number, and for a part of our smallest unit."""
    try:
        amount = Decimal(value).scaleb(get_currency_precision(currency))
    except InvalidOperation:
        raise NotUnderstood(WebhookProblem.impossible, f"{value} {currency}") from None
    if not amount.is_finite() or abs(amount) > MOST_MONEY or amount != int(amount):
        raise NotUnderstood(WebhookProblem.impossible, f"{value} {currency}")
    return int(amount)


def _amounts(currency: str) -> Amounts:
    step = 10 ** get_currency_precision(currency) if currency in WHOLE else 1
    return Amounts(step, MOST_MONEY // step * step, step)


AMOUNTS = {currency: _amounts(currency) for currency in sorted((*WHOLE, *_HUNDREDTHS.split()))}
