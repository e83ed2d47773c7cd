"""Users and roles, as staff manage them."""
