"""How far each payment provider is set up, and whether it answers."""
