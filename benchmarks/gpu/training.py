"""A step against its floor, and a training on 2,000 + 2,000 sentences, with the memory that they take."""

import time
from dataclasses import replace

import torch
from torch import Tensor

from benchmarks.gpu.networks import sentences, synchronised
from benchmarks.speed.steps import floor, step
from benchmarks.speed.timing import alternate
from lineas.models.hardware import GB
from lineas.models.loaded import LoadedModel
from lineas.training.recipes import RECIPES
from lineas.training.trainer import train

MANY, MANY_STEPS = 2000, 3
HEAD = (
    "`paper` step, times its floor", "`quick` step, times its floor", "milliseconds a `quick` step",
    "GB above the weights, `quick`",
    f"{MANY:,} + {MANY:,} sentences, {MANY_STEPS} steps of `paper`: seconds", "GB above the weights",
)  # fmt: skip


def measure(model: LoadedModel, rounds: int) -> list[str]:
    generator = torch.Generator().manual_seed(0)
    source, target = (_rows(model, generator) for _ in range(2))
    quick, paper = RECIPES["quick"], replace(RECIPES["paper"], source_batch=0)
    few, anchor = source[: quick.source_batch], target[: quick.anchor_batch]
    works = {
        "floor, paper": lambda: floor(model, source, []),
        "step, paper": step(model, paper, source, target),
        "floor, quick": lambda: floor(model, few, anchor),
        "step, quick": step(model, quick, source, target),
    }

    def waited(name: str) -> None:
        works[name]()
        synchronised(model.device)

    timings = alternate({name: lambda name=name: waited(name) for name in works}, rounds, warmup=2)  # type: ignore[misc]
    _, memory = _training(model, "quick", 32, quick.steps)
    many_seconds, many_memory = _training(model, "paper", MANY if model.device.type == "cuda" else 64, MANY_STEPS)
    return [
        timings.ratio("step, paper", "floor, paper"),
        timings.ratio("step, quick", "floor, quick"),
        f"{1000 * timings.median('step, quick'):.1f}",
        memory,
        f"{many_seconds:.1f}",
        many_memory,
    ]


def _rows(model: LoadedModel, generator: torch.Generator) -> list[Tensor]:
    """32 sentences of 16 tokens."""
    return list(torch.randint(2, 300, (32, 16), generator=generator).to(model.device))


def _training(model: LoadedModel, recipe: str, count: int, steps: int) -> tuple[float, str]:
    """Seconds of a training, and its peak of memory above what was taken before."""
    on_card = model.device.type == "cuda"
    if on_card:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    began = time.perf_counter()
    for _ in train(model, sentences(count, 0), sentences(count, 1), replace(RECIPES[recipe], steps=steps)):
        pass
    synchronised(model.device)
    seconds = time.perf_counter() - began
    return seconds, f"{(torch.cuda.max_memory_allocated() - before) / GB:.2f}" if on_card else "–"
