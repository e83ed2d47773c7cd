"""Links by which somebody who was invited sets a password."""
