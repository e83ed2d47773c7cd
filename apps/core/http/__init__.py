"""Requests and answers: read strictly, written alike everywhere."""
