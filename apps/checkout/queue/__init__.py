"""Carts and orders, changed in batches: what everybody wants at once."""
