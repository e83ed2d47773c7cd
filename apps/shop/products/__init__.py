"""Products and their variants, as staff manage them."""
