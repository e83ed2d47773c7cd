"""Signing in to the back office, and access to its pages."""
