"""How often one address or person may use checkout: more than any customer needs, less than a script would take."""

from datetime import timedelta

from apps.core.http.rate_limits import limited

MINUTE = timedelta(minutes=1)
CART_CHANGES = limited("cart", 120, per=MINUTE)
CHECKOUTS = limited("checkout", 30, per=MINUTE)
ORDER_LOOKS = limited("orders", 120, per=MINUTE)
PAYMENTS = limited("payments", 30, per=MINUTE)
PAYMENT_LOOKS = limited("payment looks", 60, per=MINUTE)
"""Of one order: each asks the provider."""
