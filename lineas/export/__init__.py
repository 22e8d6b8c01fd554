"""Concepts for other programs and other people: folded into a model's weights, and on the Hugging Face hub."""
