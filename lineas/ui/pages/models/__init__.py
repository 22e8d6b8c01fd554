"""Model: which model is loaded, and which could be."""
