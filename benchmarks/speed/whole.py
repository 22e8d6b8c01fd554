"""A whole training by ``quick`` and by ``thorough``, and how long all steps of ``paper`` would take."""

import statistics

from benchmarks.report import table
from benchmarks.speed.steps import example, step
from benchmarks.speed.timing import alternate
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.training.batching import tokenize
from lineas.training.recipes import RECIPES
from lineas.training.trainer import train

PAPER_STEPS = 20
"""Measured steps of ``paper``, scaled to all of them."""


def measure(name: str, rounds: int) -> str:
    model, preset = load_model(name), example()
    paper_step = step(
        model, RECIPES["paper"], tokenize(model, preset.source, 256), tokenize(model, preset.target, 256)
    )

    def paper() -> None:
        for _ in range(PAPER_STEPS):
            paper_step()

    timings = alternate({"quick": lambda: whole(model, "quick"), "paper": paper}, max(3, rounds // 2), warmup=0)
    thorough = alternate({"thorough": lambda: whole(model, "thorough")}, 1, warmup=0)
    scale = RECIPES["paper"].steps / PAPER_STEPS
    ratios = [scale * p / q for p, q in zip(timings.seconds["paper"], timings.seconds["quick"], strict=True)]
    ratio = f"{statistics.median(ratios):.0f} ({min(ratios):.0f} to {max(ratios):.0f})"
    rows = [
        ("quick", RECIPES["quick"].steps, f"{timings.median('quick'):.0f}", "", ""),
        ("thorough", RECIPES["thorough"].steps, f"{thorough.median('thorough'):.0f}", "", ""),
        ("paper", RECIPES["paper"].steps, f"{scale * timings.median('paper'):.0f}", ratio, "at least 50"),
    ]
    return table(("recipe", "steps", "seconds", "times as long as `quick`", "wanted"), rows)


def whole(model: LoadedModel, recipe: str) -> None:
    """Everything from reading the sentences to the measurement at the end."""
    preset = example()
    for _ in train(model, preset.source, preset.target, recipe):
        pass
