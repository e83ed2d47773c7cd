"""What staff do to other people's accounts and roles."""
