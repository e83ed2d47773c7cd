"""What was done with a thing and its parts, in words, and the way back to what was there before."""
