"""Erasing a person: after days in which they may change their mind, and when nothing of theirs is open any more."""
