"""Bank statements that staff upload: rows are matched with the orders that wait for their money."""
