"""The database: sessions, rows, locks, batches."""
