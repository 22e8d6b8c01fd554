"""Inside: what a concept changes, layer by layer."""
