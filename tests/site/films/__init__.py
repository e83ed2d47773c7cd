"""A room of pages that somebody else has made."""
