"""How near a picture is to a text, by a CLIP: beside the classifier, which knows drawn scenes only."""

from collections.abc import Sequence

import torch
from PIL import Image
from transformers import AutoProcessor, CLIPModel

from lineas.errors import LineasError, first_line
from lineas.models.quiet import quiet


class Clip:
    """A CLIP of the Hugging Face hub or a folder, such as openai/clip-vit-base-patch32.

    Raises:
        LineasError: there is none of that name, or it cannot be reached.
    """

    def __init__(self, name: str) -> None:
        try:
            with quiet():
                self.network = CLIPModel.from_pretrained(name).eval()
                self.processor = AutoProcessor.from_pretrained(name)
        except (OSError, ValueError) as error:
            raise LineasError(
                f"The CLIP {name!r} cannot be loaded ({first_line(error)}). Check the name and the connection, or leave --clip out."
            ) from error

    @torch.no_grad()
    def similarity(self, images: Sequence[Image.Image], texts: Sequence[str]) -> list[float]:
        """Cosine of each picture and its text, from -1 to 1."""
        inputs = self.processor(
            text=list(texts), images=list(images), return_tensors="pt", padding=True, truncation=True
        )
        output = self.network(**inputs)
        return [float(value) for value in (output.image_embeds * output.text_embeds).sum(-1)]
