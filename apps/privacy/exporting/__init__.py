"""What is held about a person, as a file for them."""
