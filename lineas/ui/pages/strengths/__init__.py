"""Strengths: one question at every strength."""
