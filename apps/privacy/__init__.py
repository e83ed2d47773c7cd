"""My data: what is held about a person is given to them, and erased when they ask."""
