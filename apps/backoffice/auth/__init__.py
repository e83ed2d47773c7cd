"""Who comes in, and which pages they may open."""
