"""What all suites share: the model, the amount of work, and maps that are trained once and then loaded from disk."""

import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.quality.results import digest
from lineas.data.presets import Preset, load_preset, load_presets
from lineas.errors import LineasError
from lineas.evaluation.metrics.effect import Score, neutral_prompts
from lineas.methods import METHODS, TRAINED_ON_TEXT, recipe_for, train_to_end, train_with
from lineas.methods.load import load_steering
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.adapter import Steering
from lineas.training.provenance import examples_hash
from lineas.training.recipes import Recipe

Item = TypeVar("Item")

CONCEPTS = Path(__file__).parents[1] / "concepts"
"""Concepts that are for measuring only."""
DEFAULT_METHODS = tuple(method for method in METHODS if method != "lora_rl")
"""All methods except the one that takes many times as long as the others."""
RANDOM_METHODS = ("lineas", *TRAINED_ON_TEXT)
"""Methods whose training is random; one training of any other method serves all seeds."""
TRAINING_SECONDS = {
    "lineas": 13, "prompting": 0, "caa": 5, "caa_middle": 5, "iti_c": 5, "mean_act": 33, "lin_act": 33, "lin_act_clamp": 33,
    "aura": 6, "reft": 13, "lora": 13, "lora_rl": 200,
}  # fmt: skip
"""Seconds of a training on 32 + 32 sentences, on two idle cores, for the estimates."""

REVISIONS = {"mean_act": 2, "lin_act": 2, "lin_act_clamp": 2, "reft": 2}
"""Methods that were changed since they were first measured; a higher number measures them anew."""

MEASURES = "0.2.0"
"""Version of the measures. Results are kept under it, so a new one measures everything anew."""


@dataclass(frozen=True)
class Study:
    """What to measure, and how much of it.

    Attributes:
        folder: where results and trained maps are stored.
        data: the folder of public data sets, or None.
        quick: whether to measure less of everything.
        page: the Markdown page of the tables; figures go into ``figures`` beside it.
        methods: the requested methods; None for each suite's default.
        tet: path of TET.json, whose licence forbids shipping it; None leaves TET out.
    """

    model: LoadedModel
    recipe: Recipe
    folder: Path
    data: Path | None
    seeds: int
    quick: bool
    page: Path
    methods: tuple[str, ...] | None = None
    tet: Path | None = None

    @property
    def figures(self) -> Path:
        return self.page.parent / "figures"

    def methods_of(self, default: Sequence[str], quick: Sequence[str]) -> Sequence[str]:
        """The methods of a suite: the requested ones, or its default for a whole or a quick run."""
        return self.methods or (quick if self.quick else default)

    def amount(self, full: int, quick: int) -> int:
        """The first number in a whole run, the second in a quick one."""
        return quick if self.quick else full

    def need_data(self, suite: str) -> Path:
        """The folder of public data.

        Raises:
            LineasError: if none was given.
        """
        if self.data is None:
            raise LineasError(f"The suite {suite!r} needs public data sets: give their folder with --data.")
        return self.data

    def recipe_key(self, method: str, recipe: Recipe | None = None) -> dict[str, Any]:
        """The recipe's settings that affect a method's result, so that a baseline's result outlives a change of the others."""
        settings = asdict(recipe or recipe_for(method, self.recipe))
        if method == "lineas":
            return settings
        names = ("steps", "anchor_batch", "max_tokens") if method in TRAINED_ON_TEXT else ("max_tokens",)
        as_answer = {"as_answer": True} if settings["as_answer"] else {}
        revision = {"revision": REVISIONS[method]} if method in REVISIONS else {}
        return {name: settings[name] for name in names} | as_answer | revision

    def base_key(self, **more: Any) -> dict[str, Any]:
        """A unit's key: ``more``, the model, this version, and the recipe (of "lineas" unless ``more`` names a method)."""
        recipe = self.recipe_key(more.get("method", "lineas"))
        return {"model": self.model.fingerprint, "recipe": recipe, "version": MEASURES, **more}

    def preset_key(self, *presets: Preset, **more: Any) -> dict[str, Any]:
        """``base_key`` with a hash of the presets' sentences and of the neutral questions."""
        words = {preset.id: [preset.instruction, preset.source, preset.target] for preset in presets}
        return self.base_key(words=digest({**words, "questions": neutral_prompts(self.model)}), **more)

    def seconds(self, method: str, sentences: int = 32) -> float:
        """Estimated seconds of a training; closed-form methods read every sentence at every site."""
        return TRAINING_SECONDS[method] * (1.0 if method in RANDOM_METHODS else sentences / 32)

    def train(
        self,
        method: str,
        source: Sequence[str],
        target: Sequence[str],
        seed: int,
        recipe: Recipe | None = None,
        instruction: str = "",
        sites: str = "default",
        reward: Score | None = None,
    ) -> tuple[Steering, float]:
        """The method's trained map or adapter, from disk where it is there, and the seconds that its training took.

        Args:
            reward: what "lora_rl" learns from, more is better; None is a classifier on activations.
        """
        recipe = recipe or recipe_for(method, self.recipe)
        key = {
            "model": self.model.fingerprint, "version": MEASURES, "method": method, "recipe": self.recipe_key(method, recipe),
            "examples": examples_hash(source, target), "seed": seed if method in RANDOM_METHODS else 0, "instruction": instruction,
            **({} if sites == "default" else {"sites": sites}), **({"reward": "scorer"} if reward else {}),
        }  # fmt: skip
        path = self.folder / "maps" / f"{method}-{digest(key)}.safetensors"
        if not path.exists():
            options: dict[str, Any] = {"sites": sites}
            if method == "prompting" and instruction:
                options = {"instruction": instruction}
            if reward is not None:
                options["scorer"] = reward
            began = time.perf_counter()
            events = train_with(method, self.model, source, target, recipe, seed=key["seed"], **options)
            steering = finish(train_to_end(events))
            path.parent.mkdir(parents=True, exist_ok=True)
            steering.with_metadata(seconds=f"{time.perf_counter() - began:.2f}").save(path)
        steering = load_steering(path)
        return steering, float(steering.metadata["seconds"])


def presets_named(*ids: str) -> list[Preset]:
    """The presets, or concepts of ``CONCEPTS``, with these ids, in this order."""
    known = [*load_presets(), *(load_preset(path, CONCEPTS) for path in CONCEPTS.glob("*.toml"))]
    presets = {preset.id: preset for preset in known}
    return [presets[name] for name in ids]


def shuffled(items: Sequence[Item], seed: int) -> list[Item]:
    """The items in a random order that depends on the seed only, so that a smaller draw is contained in a larger one."""
    order = list(items)
    random.Random(seed).shuffle(order)
    return order
