"""From an order to its payment, and to what was paid for; or to its end without."""
