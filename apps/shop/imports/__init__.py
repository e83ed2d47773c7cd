"""Products from files of other shops."""
