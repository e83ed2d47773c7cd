"""The history of a row and its parts, from the audit log, and reverting a change."""
