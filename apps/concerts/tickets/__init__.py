"""Tickets that were sold, and what their customers know of the concerts."""
