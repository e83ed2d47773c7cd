"""What can be bought of a concert."""
