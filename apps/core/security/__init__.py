"""Secrets and walls: signatures, forms that are ours, networks."""
