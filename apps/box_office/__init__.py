"""Tickets after they are sold: what their holders hear, and what comes back when a concert is cancelled."""
