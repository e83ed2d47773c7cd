"""API keys: how programs use the staff API, for a user or for the band."""
