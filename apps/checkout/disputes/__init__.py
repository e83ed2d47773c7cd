"""What a dispute about its payment holds up of an order."""
