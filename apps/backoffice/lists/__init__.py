"""Lists of the back office: pages, filters, sorting, search and CSV export."""
