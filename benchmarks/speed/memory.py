"""Peak resident memory above that of the loaded model, each case in a process of its own."""

import multiprocessing
import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.report import table
from benchmarks.speed.steps import example
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.training.recipes import recipe_named
from lineas.training.trainer import train

MANY = 2000


def measure(name: str, rounds: int) -> str:
    cases: list[tuple[str, Callable[[LoadedModel], None], str]] = [
        ("training `quick`, 32 + 32 sentences", partial(_train, recipe="quick"), "800"),
        ("training `paper`, 32 + 32 sentences", partial(_train, recipe="paper", steps=10), "800"),
        (
            f"training `paper`, {MANY:,} + {MANY:,} sentences, one step",
            partial(_train, recipe="paper", steps=1, sentences=MANY),
            "2000",
        ),
        ("comparing, 2 rows of 64 tokens", partial(_answer, rows=2), ""),
        ("11 strengths, 64 tokens each", partial(_answer, rows=11), ""),
    ]
    rows = []
    for what, work, wanted in cases:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows.append((what, pool.apply(_measured, (work, name)), wanted))
    return table(("what", "MB", "wanted, at most"), rows)


def _measured(work: Callable[[LoadedModel], None], name: str) -> int:
    model = load_model(name)
    _answer(model, rows=1, tokens=4)
    loaded = peak()
    work(model)
    return round(peak() - loaded)


def peak() -> float:
    """Peak memory of this process in megabytes. On Linux ``getrusage`` would include the peak of its parent."""
    if sys.platform == "linux":
        own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
        return int(own.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on a Mac


def _train(model: LoadedModel, recipe: str, steps: int | None = None, sentences: int = 0) -> None:
    sides = example().source, example().target
    if sentences:  # numbered, so that no sentence occurs twice
        source, target = ([f"{i}. {side[i % len(side)]}" for i in range(sentences)] for side in sides)
    else:
        source, target = map(list, sides)
    for _ in train(model, source, target, recipe_named(recipe, steps=steps)):
        pass


def _answer(model: LoadedModel, rows: int, tokens: int = 64) -> None:
    generate(model, ["Tell me about your day."], [Row()] * rows, Sampling(max_new_tokens=tokens))
