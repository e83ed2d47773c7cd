"""Products and their variants as staff write them down."""
