"""The front page, made of the sections that the other packages of pages add."""
