"""Models: fetching and loading networks with their tokenizers, and finding the sites in them that can be steered."""
