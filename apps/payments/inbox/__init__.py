"""What providers report by webhook."""
