"""Concepts for other programs and other people."""
