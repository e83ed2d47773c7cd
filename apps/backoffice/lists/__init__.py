"""Lists: pages of rows, narrowed, sorted, taken away as a file."""
