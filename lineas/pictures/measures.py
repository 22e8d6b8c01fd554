"""How far pictures are from each other."""

from collections.abc import Sequence

import numpy as np
from PIL import Image


def pixel_change(before: Sequence[Image.Image], after: Sequence[Image.Image]) -> float:
    """Root mean square over all pixels of pictures in pairs, whose colours go from 0 to 1."""
    differences = [
        np.asarray(a, np.float32) / 255 - np.asarray(b, np.float32) / 255 for a, b in zip(before, after, strict=True)
    ]
    return float(np.sqrt(np.mean(np.square(differences))))
