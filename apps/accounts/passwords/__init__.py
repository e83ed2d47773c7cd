"""Passwords: which may be chosen, and how they are hashed. Why so: docs/decisions/passwords.md."""

from apps.accounts.passwords.hashing import hashed, is_outdated, is_right, new_hash
from apps.accounts.passwords.weakness import WeakPassword

__all__ = ["WeakPassword", "hashed", "is_outdated", "is_right", "new_hash"]
