"""Single measures of text, cost and effect."""
