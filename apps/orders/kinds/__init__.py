"""Kinds of things to sell: what the app of each brings, and what came of an order by kind."""
