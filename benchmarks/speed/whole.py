"""Whole trainings: ``quick`` from the first sentence read to the last measurement, and what ``paper`` would take."""

import statistics

from benchmarks.report import table
from benchmarks.speed.steps import PRESET, example, step
from benchmarks.timing import alternate
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.training.batching import tokenize
from lineas.training.events import Done
from lineas.training.recipes import RECIPES
from lineas.training.trainer import train

PAPER_STEPS = 20


def measure(name: str, rounds: int) -> str:
    model, preset = load_model(name), example()
    rows = tokenize(model, preset.source, 256), tokenize(model, preset.target, 256)
    paper_step = step(model, RECIPES["paper"], *rows)

    def paper() -> None:
        for _ in range(PAPER_STEPS):
            paper_step()

    trainings = max(3, rounds // 2)
    timings = alternate({"quick": lambda: whole(model, "quick"), "paper": paper}, trainings, warmup=0)
    thorough = alternate({"thorough": lambda: whole(model, "thorough")}, 1, warmup=0)
    share = RECIPES["paper"].steps / PAPER_STEPS
    ratios = [share * p / q for p, q in zip(timings.seconds["paper"], timings.seconds["quick"], strict=True)]
    seconds = [
        ("quick", RECIPES["quick"].steps, f"{timings.median('quick'):.0f}"),
        ("thorough", RECIPES["thorough"].steps, f"{thorough.median('thorough'):.0f}"),
        ("paper", RECIPES["paper"].steps, f"{share * timings.median('paper'):.0f} (scaled from {PAPER_STEPS} steps)"),
    ]
    return f"""### A whole training

Model `{model.id}`, preset `{PRESET}` (32 + 32 sentences), seed 0: reading, all steps, the closing measurement. Medians of
{trainings} rounds in turn; one run of `thorough`.

{table(("recipe", "steps", "seconds"), seconds)}

The 1000 steps of `paper` take **{statistics.median(ratios):.0f} times** as long as the whole of `quick` (between
{min(ratios):.0f} and {max(ratios):.0f} in a round; wanted: at least 50). What each does to new text tells
`python -m benchmarks quality --suite paper`.
"""


def whole(model: LoadedModel, recipe: str) -> Done:
    preset = example()
    *_, done = train(model, preset.source, preset.target, recipe)
    assert isinstance(done, Done)
    return done
