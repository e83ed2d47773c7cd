"""Accounts that people open for themselves."""
