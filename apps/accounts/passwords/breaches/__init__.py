"""The published list of breached passwords: imported into one compact file, and looked up in it."""
