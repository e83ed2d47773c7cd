"""Texts: languages, kinds of strings, times and places."""
