"""The addresses that users keep for their parcels."""
