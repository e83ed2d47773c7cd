"""Actions on rows of the back office, beyond editing their fields."""
