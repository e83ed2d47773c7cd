"""What a kind of thing shows and who may do what with it, how its view is found, and the page of one row."""
