"""Tickets that were sold, and what their buyers know of the concerts."""
