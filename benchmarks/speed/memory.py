"""Peak resident memory over that of the loaded model, each measured in a process of its own."""

import multiprocessing
import resource
import sys
from collections.abc import Callable, Sequence
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
SOME = Sampling(max_new_tokens=64)
PROMPT = "Tell me about your day."


def measure(name: str, rounds: int) -> str:
    rows = [
        ("training `quick`, 32 + 32 sentences", _over_the_model(_train_few, name), "800"),
        ("training `paper`, 32 + 32 sentences", _over_the_model(_train_whole, name), "800"),
        (f"training `paper`, {MANY:,} + {MANY:,} sentences, one step", _over_the_model(_train_many, name), "2000"),
        ("comparing, 2 rows of 64 tokens", _over_the_model(_compare, name), ""),
        ("11 strengths, 64 tokens each", _over_the_model(_strengths, name), ""),
    ]
    return f"""### Memory

Peak resident memory over that of model `{name}` once it is loaded and has answered; MB; one run each.

{table(("what", "MB", "wanted, at most"), rows)}
"""


def _over_the_model(work: Callable[[LoadedModel], None], name: str) -> int:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, name))


def _measured(work: Callable[[LoadedModel], None], name: str) -> int:
    model = load_model(name)
    generate(model, [PROMPT], [Row()], Sampling(max_new_tokens=4))
    loaded = peak()
    work(model)
    return round(peak() - loaded)


def peak() -> float:
    """Megabytes that this process had at most. Linux has ``getrusage`` begin with what the program that started it had."""
    if sys.platform == "linux":
        own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
        return int(own.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on a Mac


def _train(model: LoadedModel, source: Sequence[str], target: Sequence[str], recipe: str, steps: int | None) -> None:
    for _ in train(model, source, target, recipe_named(recipe, steps=steps)):
        pass


def _train_few(model: LoadedModel) -> None:
    _train(model, example().source, example().target, "quick", None)


def _train_whole(model: LoadedModel) -> None:
    _train(model, example().source, example().target, "paper", 10)


def _train_many(model: LoadedModel) -> None:
    # no sentence twice: each begins in its own way
    source, target = (
        [f"{i}. {side[i % len(side)]}" for i in range(MANY)] for side in (example().source, example().target)
    )
    _train(model, source, target, "paper", 1)


def _compare(model: LoadedModel) -> None:
    generate(model, [PROMPT], [Row(), Row()], SOME)


def _strengths(model: LoadedModel) -> None:
    generate(model, [PROMPT], [Row()] * 11, SOME)
