"""Embeddings and maps for tests of judges."""

import torch
from torch.nn import functional

from lineas.steering.map import SteeringMap

LETTERS = "abcdefghijklmnopqrstuvwxyz!."


def letters(texts):
    """Embed a text as the normalised counts of its letters."""
    counts = torch.tensor([[float(text.lower().count(letter)) for letter in LETTERS] for text in texts])
    return functional.normalize(counts, dim=1)


def moved(model, by):
    """A map that scales every site's output."""
    widths = {site.name: site.width for site in model.sites}
    return SteeringMap(
        {s: torch.full((w,), by) for s, w in widths.items()}, {s: torch.full((w,), 0.1) for s, w in widths.items()}
    )
