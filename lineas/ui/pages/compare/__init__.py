"""Compare: one question, the plain and the steered answer."""
