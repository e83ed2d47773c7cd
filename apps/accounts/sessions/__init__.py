"""Signing in and out: browsers by cookie, programs by token."""
