"""Named evaluations made of several measures, and the public data they read."""
