"""Venues, tours and concerts: staff create, change, reschedule and cancel them."""
