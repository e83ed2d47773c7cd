"""Starting a payment: prepared under its owner's lock, then opened at its provider without any."""
