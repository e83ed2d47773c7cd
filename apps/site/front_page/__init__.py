"""The front page: what the rooms have to show on it."""
