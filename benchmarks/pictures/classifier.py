"""Names what is in a picture of the small model: trained on drawn scenes, in place of a stranger who looks."""

import random
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from scripts.picture_scenes import COLOURS, PLACES, STYLES, THINGS, TIMES, WEATHERS, Scene, all_scenes, draw

QUESTIONS = {
    "thing": THINGS,
    "colour": tuple(COLOURS),
    "place": tuple(PLACES),
    "weather": tuple(WEATHERS),
    "time": tuple(TIMES),
    "style": tuple(STYLES),
}
STEPS, BATCH = 300, 64


class Classifier(nn.Module):
    """A small convolutional network with an answer for each of ``QUESTIONS``."""

    def __init__(self) -> None:
        super().__init__()

        def layer(narrow: int, wide: int, stride: int) -> nn.Module:
            return nn.Sequential(nn.Conv2d(narrow, wide, 3, stride, 1), nn.BatchNorm2d(wide), nn.ReLU())

        self.body = nn.Sequential(layer(3, 24, 2), layer(24, 48, 2), layer(48, 64, 1), layer(64, 96, 2), nn.Flatten())
        self.heads = nn.ModuleDict({name: nn.Linear(96 * 36, len(answers)) for name, answers in QUESTIONS.items()})

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """Logits for each question, from pixels of shape (rows, 3, 48, 48) from 0 to 1."""
        seen = self.body(pixels)
        return {name: head(seen) for name, head in self.heads.items()}


def as_tensor(images: Sequence[Image.Image]) -> Tensor:
    return torch.from_numpy(np.stack([np.asarray(image) for image in images])).permute(0, 3, 1, 2) / 255


def train_classifier(steps: int = STEPS) -> Classifier:
    """Train on drawn scenes of all combinations, softened and with a little noise, as a small model's pictures are."""
    torch.manual_seed(0)
    dice, scenes = random.Random(0), list(all_scenes())
    network = Classifier()
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.01)
    for step in range(steps):
        chosen = dice.sample(scenes, BATCH)
        pixels = as_tensor([draw(scene, dice) for scene in chosen])
        softened = nn.functional.avg_pool2d(pixels, 3, 1, 1)
        pixels = torch.lerp(pixels, softened, torch.rand(BATCH, 1, 1, 1)) + 0.04 * torch.randn_like(pixels)
        answers = network(pixels)
        loss = sum(
            nn.functional.cross_entropy(answers[name], torch.tensor([known.index(getattr(s, name)) for s in chosen]))
            for name, known in QUESTIONS.items()
        )
        assert isinstance(loss, Tensor)
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


@torch.no_grad()
def name(network: Classifier, images: Sequence[Image.Image]) -> list[Scene]:
    """What the classifier sees in each picture."""
    answers = {question: logits.argmax(1).tolist() for question, logits in network(as_tensor(images)).items()}
    return [
        Scene(**{question: QUESTIONS[question][answers[question][i]] for question in QUESTIONS})
        for i in range(len(images))
    ]


def accuracy(network: Classifier, images: Sequence[Image.Image], scenes: Sequence[Scene]) -> dict[str, float]:
    """Share of pictures in which each question is answered as the scene says."""
    seen = name(network, images)
    return {
        question: float(
            np.mean([getattr(a, question) == getattr(b, question) for a, b in zip(seen, scenes, strict=True)])
        )
        for question in QUESTIONS
    }
