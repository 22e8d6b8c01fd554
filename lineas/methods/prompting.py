"""Prompting: an instruction before the prompt; the network is not changed. The baseline to try first (AxBench, arXiv 2501.17148).

On a chat model the instruction is the system message; otherwise it stands before the text. Around a bare forward pass (``steer``)
it is a prefix of the text. An instruction has no degree: every strength but 0 has the same effect.

Left out: asking a language model to write or improve the instruction.
"""

import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import ClassVar

from torch import Tensor

from lineas.errors import LineasError
from lineas.methods.fitting import done
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter
from lineas.steering.intercept import Change
from lineas.training.events import Event, Started
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe, recipe_named

MAX_SHARE = 1 / 4
"""Maximum share of the model's context that an instruction made of examples may take."""


class Instruction(Adapter):
    """An instruction, kept in the metadata; it has no sites and no tensors."""

    kind: ClassVar[str] = "prompting"
    parts: ClassVar[tuple[str, ...]] = ()

    @property
    def instruction(self) -> str:
        return self.metadata["instruction"]

    def width(self, parts: Mapping[str, Tensor]) -> int:
        raise AssertionError("an instruction has no sites")

    def change(self, parts: Mapping[str, Tensor], strength: float) -> Change:
        raise AssertionError("an instruction has no sites")


def from_examples(model: LoadedModel, target: Sequence[str]) -> str:
    """An instruction that shows the first target sentences, as many as fit into ``MAX_SHARE`` of the context (at least one)."""

    def with_first(count: int) -> str:
        return "\n".join(["Write in the style of these examples:", *(f"- {text}" for text in target[:count])])

    def too_long(count: int) -> bool:
        with model.tokenizing:
            return len(model.tokenizer(with_first(count), verbose=False)["input_ids"]) > MAX_SHARE * model.max_tokens

    return with_first(max(1, bisect_left(range(1, len(target) + 1), True, key=too_long)))


def train(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
    instruction: str | None = None,
) -> Iterator[Event]:
    """Make an Instruction; yields events as ``training.trainer.train`` does. Nothing is trained, the distances are 0.

    Args:
        instruction: the text; None shows the model the target sentences (``from_examples``).

    Raises:
        LineasError: empty instruction, or too few sentences.
    """
    recipe = recipe_named(recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    if instruction is not None and not instruction.strip():
        raise LineasError(
            "The instruction is empty. Write what the model should do, for instance: Talk like a pirate."
        )
    began = time.perf_counter()
    yield Started(0, 0, 0.0)
    text = from_examples(model, target) if instruction is None else instruction.strip()
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "instruction": text}
    metadata = {**provenance(model, name, "prompting", settings, source, target, {}), "instruction": text}
    seconds = time.perf_counter() - began
    yield done(Instruction({}, metadata), 0.0, 0.0, seconds, 0, "The instruction is written.")
