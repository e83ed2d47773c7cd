"""A package of pages that somebody else has made."""
