"""How a training step grows: with sentences, tokens a sentence, sites, and the network's width and depth."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
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
LONG = 20
"""Seconds of a step that is measured once, after the first one."""
ROWS, LENGTH = 16, 16
"""Sentences and tokens a sentence where another thing grows."""
WIDTHS, DEPTHS = (256, 512, 1024, 2048, 3072), (4, 8, 16, 32)


@dataclass(frozen=True)
class Growth:
    """Seconds of a step over one quantity, and the exponent of the power law between them."""

    what: str
    wanted: str
    sizes: Sequence[float]
    seconds: Sequence[float]
    first: float  # how many times as long the very first step of the largest size took

    @property
    def exponent(self) -> float:
        """Slope of the least-squares line through the logarithms."""
        x, y = [math.log(s) for s in self.sizes], [math.log(s) for s in self.seconds]
        return statistics.linear_regression(x, y).slope


def measure(name: str, rounds: int) -> str:
    model = load_model(name)
    free = free_memory(model.device) / GB
    growths = [
        _growth(
            "tokens, by more sentences of 16",
            "1.05",
            [n * LENGTH for n in SENTENCES],
            [partial(_timed, model, n, LENGTH) for n in SENTENCES],
            rounds,
        ),
        _growth(
            "tokens, by longer sentences (16 of them)",
            "1.05",
            [ROWS * t for t in TOKENS],
            [partial(_timed, model, ROWS, t) for t in TOKENS],
            rounds,
        ),
        _growth(
            "sites (the network stays)",
            "",
            [1, 3, 10, len(model.sites)],
            [partial(_timed, _with_sites(model, n), ROWS, LENGTH) for n in (1, 3, 10, len(model.sites))],
            rounds,
        ),
        _growth("parameters, by width (8 blocks)", "", *_networks([(w, 8) for w in WIDTHS]), rounds),
        _growth("parameters, by depth (width 512)", "", *_networks([(512, d) for d in DEPTHS]), rounds),
    ]
    _draw(growths)
    rows = [
        (
            growth.what,
            f"{growth.sizes[0]:,.0f} to {growth.sizes[-1]:,.0f}",
            f"{growth.seconds[0]:.2f} to {growth.seconds[-1]:.2f}",
            f"{growth.exponent:.2f}",
            growth.wanted,
        )
        for growth in growths
    ]
    return f"""### Growth

A step on the transport loss (`paper`), model `{model.id}`, or random networks of Llama's kind for width and depth (MLP 3 times as
wide, vocabulary 1,000); medians of {rounds} steps, of 1 where one takes over {LONG} s. An exponent of 1 is growth in proportion.
A first step, in which the system hands out the memory, comes before and does not count; with the longest sentences it took
{growths[1].first:.1f} times as long.
What half of the free memory ({free:.0f} GB here) holds a graph of is read once; more is read twice, so that memory stays bounded.

{table(("what grows", "from … to", "seconds a step", "exponent", "wanted, at most"), rows)}

![Seconds of a training step over five quantities, on logarithmic axes](figures/{FIGURE.name})
"""


def _growth(
    what: str, wanted: str, sizes: Sequence[float], timed: Sequence[Callable[[], Callable[[], float]]], rounds: int
) -> Growth:
    seconds = []
    for prepare in timed:
        give_memory_back()
        one = prepare()
        first = one()  # in it the system hands out memory for the first time
        seconds.append(statistics.median(one() for _ in range(1 if first > LONG else rounds)))
    return Growth(what, wanted, sizes, seconds, first / seconds[-1])


def _timed(model: LoadedModel, rows: int, tokens: int) -> Callable[[], float]:
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
    """The same network, steered at the last and ``count`` − 1 earlier sites, so that every pass is as long."""
    every = len(model.sites) / count
    return replace(model, sites=tuple(model.sites[-1 - int(i * every)] for i in range(count))[::-1])


def _networks(shapes: Sequence[tuple[int, int]]) -> tuple[list[float], list[Callable[[], Callable[[], float]]]]:
    def prepare(width: int, depth: int) -> Callable[[], float]:
        return _timed(_random(width, depth), ROWS, LENGTH)

    def parameters(width: int, depth: int) -> float:
        return depth * (4 * width**2 + 3 * 3 * width**2)

    return [parameters(*shape) for shape in shapes], [partial(prepare, *shape) for shape in shapes]


def _random(width: int, depth: int) -> LoadedModel:
    config = LlamaConfig(
        vocab_size=1000,
        hidden_size=width,
        intermediate_size=3 * width,
        num_hidden_layers=depth,
        num_attention_heads=width // 64,
        num_key_value_heads=width // 64,
    )
    tokenizer = load_model("default").tokenizer  # it is asked for nothing but its padding
    return wrap_model(AutoModelForCausalLM.from_config(config), tokenizer, id=f"random, {width} wide, {depth} deep")


def _draw(growths: Sequence[Growth]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.2), layout="constrained")
    for axes, growth in zip(figure.subplots(2, 3).flat, [*growths, None], strict=True):
        if growth is None:
            axes.axis("off")
            continue
        axes.loglog(growth.sizes, growth.seconds, "o-", color="#5b4bdb")
        scale = growth.seconds[-1] / growth.sizes[-1]
        axes.loglog(growth.sizes, [scale * size for size in growth.sizes], ":", color="grey", label="in proportion")
        axes.set(title=f"{growth.what}: {growth.exponent:.2f}", ylabel="seconds a step")
        axes.title.set_fontsize(10)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, dpi=110)
