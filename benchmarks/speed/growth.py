"""How a training step scales: with sentences, tokens per sentence, sites, and the network's width and depth."""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaConfig

from benchmarks.report import table
from benchmarks.speed.steps import step
from lineas.models.hardware import GB, free_memory
from lineas.models.load import load_model, wrap_model
from lineas.models.loaded import LoadedModel
from lineas.models.memory import give_memory_back
from lineas.training.recipes import RECIPES

FIGURE = Path(__file__).resolve().parents[1] / "figures" / "growth.png"
TRANSPORT = replace(RECIPES["paper"], source_batch=0)
SENTENCES = (8, 32, 128, 512, 2000)
TOKENS = (8, 32, 128, 512)
WIDTHS, DEPTHS = (256, 512, 1024, 2048, 3072), (4, 8, 16, 32)
ROWS, LENGTH = 16, 16
"""Sentences and tokens per sentence while another quantity grows."""
LONG = 20
"""Seconds above which a step is measured once instead of ``rounds`` times."""
Step = Callable[[], float]
"""Does one training step and returns its seconds."""


@dataclass(frozen=True)
class Growth:
    """Seconds of a step for several sizes of one quantity.

    Attributes:
        first: how many times as long as later ones the first step of the largest size took.
    """

    what: str
    wanted: str
    sizes: Sequence[float]
    seconds: Sequence[float]
    first: float

    @property
    def exponent(self) -> float:
        """Slope of the least-squares line through the logarithms."""
        x, y = [math.log(s) for s in self.sizes], [math.log(s) for s in self.seconds]
        return statistics.linear_regression(x, y).slope

    @property
    def row(self) -> tuple[str, ...]:
        sizes, seconds = self.sizes, self.seconds
        ends = f"{sizes[0]:,.0f} to {sizes[-1]:,.0f}", f"{seconds[0]:.2f} to {seconds[-1]:.2f}"
        return self.what, *ends, f"{self.exponent:.2f}", self.wanted


def measure(name: str, rounds: int) -> str:
    model = load_model(name)
    free = free_memory(model.device) / GB
    more = {n * LENGTH: partial(_timed, model, n, LENGTH) for n in SENTENCES}
    longer = {ROWS * t: partial(_timed, model, ROWS, t) for t in TOKENS}
    sites = {n: partial(_timed, _with_sites(model, n), ROWS, LENGTH) for n in (1, 3, 10, len(model.sites))}
    wider = {_parameters(width, 8): partial(_timed_random, width, 8) for width in WIDTHS}
    deeper = {_parameters(512, depth): partial(_timed_random, 512, depth) for depth in DEPTHS}
    growths = [
        _growth("tokens, by more sentences of 16", "1.05", more, rounds),
        _growth("tokens, by longer sentences (16 of them)", "1.05", longer, rounds),
        _growth("sites (the network stays)", "", sites, rounds),
        _growth("parameters, by width (8 blocks)", "", wider, rounds),
        _growth("parameters, by depth (width 512)", "", deeper, rounds),
    ]
    _draw(growths)
    return f"""{table(("what grows", "from … to", "seconds a step", "exponent", "wanted, at most"), [g.row for g in growths])}

First step with the longest sentences: {growths[1].first:.1f} times as long as later ones. Free memory: {free:.0f} GB.

![Seconds of a training step over five quantities, on logarithmic axes](figures/{FIGURE.name})"""


def _growth(what: str, wanted: str, sizes: Mapping[int, Callable[[], Step]], rounds: int) -> Growth:
    seconds = []
    for prepare in sizes.values():
        give_memory_back()
        one = prepare()
        first = one()  # slower, because the system hands out memory
        seconds.append(statistics.median(one() for _ in range(1 if first > LONG else rounds)))
    return Growth(what, wanted, list(sizes), seconds, first / seconds[-1])


def _timed(model: LoadedModel, rows: int, tokens: int) -> Step:
    generator = torch.Generator().manual_seed(0)
    vocabulary = model.network.config.vocab_size

    def sentences() -> list[Tensor]:
        return list(torch.randint(10, vocabulary, (rows, tokens), generator=generator))

    one = step(model, TRANSPORT, sentences(), sentences())

    def seconds() -> float:
        began = time.perf_counter()
        one()
        return time.perf_counter() - began

    return seconds


def _with_sites(model: LoadedModel, count: int) -> LoadedModel:
    """The same network with ``count`` evenly spread sites; the last one stays, so that every pass is as long."""
    every = len(model.sites) / count
    return replace(model, sites=tuple(model.sites[-1 - int(i * every)] for i in range(count))[::-1])


def _parameters(width: int, depth: int) -> int:
    return depth * (4 * width**2 + 3 * 3 * width**2)


def _timed_random(width: int, depth: int) -> Step:
    """A step on a random Llama network."""
    heads = width // 64
    config = LlamaConfig(
        vocab_size=1000, hidden_size=width, intermediate_size=3 * width, num_hidden_layers=depth, num_attention_heads=heads,
        num_key_value_heads=heads,
    )  # fmt: skip
    tokenizer = load_model("default").tokenizer  # only its padding is used
    network = AutoModelForCausalLM.from_config(config)
    return _timed(wrap_model(network, tokenizer, id=f"random, {width} wide, {depth} deep"), ROWS, LENGTH)


def _draw(growths: Sequence[Growth]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.2), layout="constrained")
    *panels, unused = figure.subplots(2, 3).flat
    unused.axis("off")
    for axes, growth in zip(panels, growths, strict=True):
        axes.loglog(growth.sizes, growth.seconds, "o-", color="#5b4bdb")
        scale = growth.seconds[-1] / growth.sizes[-1]
        axes.loglog(growth.sizes, [scale * size for size in growth.sizes], ":", color="grey", label="in proportion")
        axes.set(title=f"{growth.what}: {growth.exponent:.2f}", ylabel="seconds a step")
        axes.title.set_fontsize(10)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, dpi=110)
