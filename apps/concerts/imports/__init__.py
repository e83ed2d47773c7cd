"""Concerts from files of other sites."""
