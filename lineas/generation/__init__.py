"""Batched decoding: every row with its own map and strength, all rows with the same random numbers."""
