"""Signed tokens, CSRF protection, and networks of callers."""
