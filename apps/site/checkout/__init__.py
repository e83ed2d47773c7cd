"""The page that turns a cart into an order."""
