"""The studio's sentences in English."""
