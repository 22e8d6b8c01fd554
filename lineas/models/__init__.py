"""Networks and tokenizers: finding, fetching, loading them, and the sites in them that can be steered."""
