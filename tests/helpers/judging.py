"""Embeddings and maps for tests of judges."""

from itertools import pairwise

import torch
from torch.nn import functional

from lineas.evaluation.metrics.embeddings import Embedded
from lineas.steering.map import SteeringMap

LETTERS = "abcdefghijklmnopqrstuvwxyz!."


def letters(texts):
    """Embed a text as the normalised counts of its letters, and the order of its words as those of the letters that meet."""
    counts = torch.tensor([[float(text.lower().count(letter)) for letter in LETTERS] for text in texts])
    meetings = torch.zeros(len(texts), len(LETTERS) ** 2)
    for row, text in zip(meetings, texts, strict=True):
        for one, next_one in pairwise(text.lower().split()):
            if one[-1] in LETTERS and next_one[0] in LETTERS:
                row[len(LETTERS) * LETTERS.index(one[-1]) + LETTERS.index(next_one[0])] += 1
    return Embedded(functional.normalize(counts, dim=1), functional.normalize(meetings, dim=1))


def moved(model, by):
    """A map that scales every site's output."""
    widths = {site.name: site.width for site in model.sites}
    return SteeringMap(
        {s: torch.full((w,), by) for s, w in widths.items()}, {s: torch.full((w,), 0.1) for s, w in widths.items()}
    )
