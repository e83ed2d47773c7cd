"""The checkout queue: changes of carts and new orders, executed in batches."""
