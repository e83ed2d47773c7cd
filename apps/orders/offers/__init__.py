"""What can be put into a cart: its price, what it takes, how much is left of it."""
