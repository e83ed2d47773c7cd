"""Invoices and credit notes of paid orders: numbered without gaps, never changed, as PDF and as EN 16931."""
