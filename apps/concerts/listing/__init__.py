"""The list of concerts as fans look through it."""
