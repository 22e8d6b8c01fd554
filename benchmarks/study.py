"""What all suites share: the model, how much is to be done, and maps that are taught once and found again."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import digest
from lineas import __version__
from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.evaluation.compare_methods import fitted
from lineas.evaluation.metrics.effect import neutral_prompts
from lineas.methods import LEARNT_ON_TEXT, METHODS, recipe_for, train_with
from lineas.methods.artefacts import load_steering
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.adapter import Steering
from lineas.training.provenance import examples_hash
from lineas.training.recipes import Recipe

ALL = tuple(method for method in METHODS if method != "lora_rl")
"""All methods but the one that takes many times as long as the others; name it to have it."""
DRAWN = ("lineas", *LEARNT_ON_TEXT)
"""Methods with chance in them: of the others one training serves all seeds."""
SECONDS = {
    "lineas": 13, "prompting": 0, "caa": 5, "caa_middle": 5, "iti_c": 5, "mean_act": 18, "lin_act": 18, "lin_act_clamp": 18,
    "aura": 6, "reft": 13, "lora": 13, "lora_rl": 600,
}  # fmt: skip
"""That a training on 32 + 32 sentences takes on two idle cores, for the estimate."""


@dataclass(frozen=True)
class Study:
    """What is studied, and how thoroughly.

    Attributes:
        folder: where results and taught maps are kept.
        data: the folder of public data sets; None where none was given.
        page: where tables go; pictures go beside it.
        tet: the file of TET, which may not come with this program; None: toxicity is measured without it.
        methods: what was asked for; None: each suite's usual ones.
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

    def chosen(self, usual: Sequence[str], few: Sequence[str]) -> list[str]:
        """The methods of a suite: those that were asked for, or its usual ones, or in a quick run a few."""
        if self.methods is not None:
            return list(self.methods)
        return list(few if self.quick else usual)

    def amount(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @property
    def all_seeds(self) -> range:
        return range(self.seeds)

    def need_data(self, suite: str) -> Path:
        if self.data is None:
            raise LineasError(f"The suite {suite!r} needs public data sets: give their folder with --data.")
        return self.data

    def recipe_of(self, method: str) -> Recipe:
        """By which a method is taught: LinEAS's, with more steps for those that learn on text."""
        return recipe_for(method, self.recipe)

    def counting(self, method: str, recipe: Recipe | None = None) -> dict[str, Any]:
        """What of the recipe a method's result depends on: where another recipe of LinEAS gives the same, it is known already."""
        settings = asdict(recipe or self.recipe_of(method))
        if method == "lineas":
            return settings
        names = ("steps", "anchor_batch", "max_tokens") if method in LEARNT_ON_TEXT else ("max_tokens",)
        return {name: settings[name] for name in names}

    def base_key(self, **more: Any) -> dict[str, Any]:
        """What every result depends on: the model, the recipe (where ``more`` has none of its own), this version, and ``more``.

        Where ``more`` names no method it is LinEAS.
        """
        recipe = self.counting(more.get("method", "lineas"))
        return {"model": self.model.fingerprint, "recipe": recipe, "version": __version__, **more}

    def preset_key(self, *presets: Preset, **more: Any) -> dict[str, Any]:
        """``base_key`` of what is measured on presets: their sentences and the neutral questions belong to it."""
        words = {preset.id: [preset.instruction, preset.source, preset.target] for preset in presets}
        return self.base_key(words=digest({**words, "questions": neutral_prompts(self.model)}), **more)

    def seconds(self, method: str, sentences: int = 32) -> float:
        """An estimate of one training; closed forms read every sentence at every site."""
        return SECONDS[method] * (1.0 if method in DRAWN else sentences / 32)

    def teach(
        self,
        method: str,
        source: Sequence[str],
        target: Sequence[str],
        seed: int,
        recipe: Recipe | None = None,
        instruction: str = "",
    ) -> tuple[Steering, float]:
        """What the method makes of the examples, and the seconds that it took when it was first taught."""
        recipe = recipe or self.recipe_of(method)
        key = {
            "model": self.model.fingerprint, "version": __version__, "method": method, "recipe": self.counting(method, recipe),
            "examples": examples_hash(source, target), "seed": seed if method in DRAWN else 0, "instruction": instruction,
        }  # fmt: skip
        path = self.folder / "maps" / f"{method}-{digest(key)}.safetensors"
        if not path.exists():
            options: Mapping[str, str] = {"instruction": instruction} if method == "prompting" and instruction else {}
            began = time.perf_counter()
            steering = finish(
                fitted(train_with(method, self.model, source, target, recipe, seed=key["seed"], **options))
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            steering.with_metadata(seconds=f"{time.perf_counter() - began:.2f}").save(path)
        steering = load_steering(path)
        return steering, float(steering.metadata["seconds"])


def shuffled(items: Sequence[Any], seed: int) -> list[Any]:
    """The same order for the same seed: of 8 and of 32 that are drawn, the 8 are among the 32."""
    order = list(items)
    random.Random(seed).shuffle(order)
    return order
