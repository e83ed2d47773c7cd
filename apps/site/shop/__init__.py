"""The whole shop, and the page of a product."""
