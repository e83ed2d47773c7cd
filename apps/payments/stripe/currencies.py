"""Stripe's currencies, and amounts as Stripe writes them.

Stripe counts in units of its own: whole yen, thousandths of a dinar, else hundredths, also of what has no smaller coin
any more. UGX is left out: what Stripe says of its units is not plain. https://docs.stripe.com/currencies
"""

from babel.numbers import get_currency_precision

from apps.payments.models import WebhookProblem
from apps.payments.providers import Amounts, NotUnderstood

LARGEST = 99_999_999
"""Stripe's units: eight digits."""
_WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD JOD KWD OMR TND"
_HUNDREDTHS = """
USD AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC
CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD
KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH UYU UZS WST XCD YER
ZAR ZMW"""
WHOLE, THOUSANDTHS = frozenset(_WHOLE.split()), frozenset(_THOUSANDTHS.split())
LEAST = {
    **dict.fromkeys(("USD", "AUD", "BRL", "CAD", "CHF", "EUR", "INR", "JPY", "NZD", "SGD"), 50),
    "AED": 200,
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "THB": 1000,
}
"""Stripe's units, of accounts that are paid out in that currency; in others the least depends on the day's rate."""


def to_stripe(amount: int, currency: str) -> int:
    return amount * _factor(currency)


def from_stripe(amount: int, currency: str) -> int:
    """Raises NotUnderstood for a part of our smallest unit."""
    ours, rest = divmod(amount, _factor(currency))
    if rest:
        raise NotUnderstood(WebhookProblem.impossible, f"{amount} {currency}")
    return ours


def _factor(currency: str) -> int:
    """How many of Stripe's units one of our smallest is."""
    digits = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
    return int(10 ** max(0, digits - get_currency_precision(currency)))


def _amounts(currency: str) -> Amounts:
    factor = _factor(currency)
    step = 10 if currency in THOUSANDTHS else 1
    least = max(step, -(-LEAST.get(currency, 1) // factor))
    return Amounts(least, LARGEST // factor, step)


AMOUNTS = {currency: _amounts(currency) for currency in sorted((*WHOLE, *THOUSANDTHS, *_HUNDREDTHS.split()))}
