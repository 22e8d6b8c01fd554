"""Pictures as files: a sheet of many, and a film of one from strength to strength."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from lineas.files import atomic_write

SMALLEST_SIDE = 192
"""Pictures with a shorter side are enlarged to it, pixel by pixel, so that they can be seen."""
CARD_SIDE = 128
"""Longest side of a picture on a card."""
MILLISECONDS = 250
"""Time that a film shows each strength."""


def enlarged(image: Image.Image) -> Image.Image:
    factor = -(-SMALLEST_SIDE // min(image.size))
    if factor <= 1:
        return image
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.BICUBIC)


def sheet(images: Sequence[Image.Image], across: int, gap: int = 4) -> Image.Image:
    """Lay pictures of one size out in rows."""
    width, height = images[0].width + gap, images[0].height + gap
    paper = Image.new("RGB", (across * width - gap, -(-len(images) // across) * height - gap), "white")
    for i, image in enumerate(images):
        paper.paste(image, (i % across * width, i // across * height))
    return paper


def before_and_after(before: Image.Image, after: Image.Image) -> bytes:
    """The card of a concept: the plain picture and the steered one side by side, small, as PNG."""
    small = [image.copy() for image in (before, after)]
    for image in small:
        image.thumbnail((CARD_SIDE, CARD_SIDE))
    return as_png(sheet(small, 2, gap=2))


def as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def as_gif(images: Sequence[Image.Image]) -> bytes:
    """A film that runs through the pictures and back, for ever."""
    buffer = io.BytesIO()
    frames = [*images, *images[-2:0:-1]]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> Path:
    atomic_write(path, content)
    return path
