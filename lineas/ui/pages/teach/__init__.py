"""Teach: two lists of sentences become a concept."""
