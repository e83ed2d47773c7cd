"""Links by mail that prove an address and let its reader set a password or open an account."""
