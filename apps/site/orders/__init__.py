"""The page of an order, for who has its key."""
