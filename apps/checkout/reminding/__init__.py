"""Reminders to pay, for orders that wait days for a transfer or cash."""
