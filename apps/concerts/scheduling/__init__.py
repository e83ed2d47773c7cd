"""Venues, tours and concerts as staff write them down, move and cancel."""
