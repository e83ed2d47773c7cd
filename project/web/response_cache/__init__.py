"""Public answers: kept while they are true, sent compressed, and not sent at all to whoever has them already.

Why and how: docs/decisions/response-cache.md.
"""
