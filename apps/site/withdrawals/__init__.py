"""The two steps by which a fan withdraws from the contract: what and who, then the confirmation."""
