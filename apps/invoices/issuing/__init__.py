"""Issues invoices and credit notes: what they say, and the numbers that they get."""
