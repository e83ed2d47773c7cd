"""Forms: shown, read, saved."""
