"""The list of products as fans and staff look through it."""
