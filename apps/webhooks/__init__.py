"""Webhooks: other programs hear what happens here. Recorded in the transaction of what happened, sent by jobs."""
