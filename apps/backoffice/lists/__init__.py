"""Lists of the back office: pages, filters, sorting, search, and how they are written as CSV."""
