"""What can be done with rows besides changing their fields."""
