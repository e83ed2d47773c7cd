"""What staff do with a kind of thing, declared once for the API and the back office."""
