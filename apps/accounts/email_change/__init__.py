"""Changing the address of an account, which is confirmed at both."""
