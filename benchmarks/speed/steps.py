"""One training step against its floor: the same frozen network's bare forward and backward pass on the same tokens."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from benchmarks.report import table
from benchmarks.speed.timing import alternate
from lineas.data.presets import Preset, load_presets
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.steering.intercept import intercept
from lineas.training.activations import read_at_once
from lineas.training.batching import Batch, chunks, pad, tokenize
from lineas.training.gradients import backward, tokens_that_fit
from lineas.training.loss import Distance
from lineas.training.parameters import Parameters
from lineas.training.recipes import RECIPES, Recipe


def measure(name: str, rounds: int) -> str:
    model, preset, quick = load_model(name), example(), RECIPES["quick"]
    source, target = tokenize(model, preset.source, 256), tokenize(model, preset.target, 256)
    few, anchor = source[: quick.source_batch], target[: quick.anchor_batch]
    transport = replace(RECIPES["paper"], source_batch=0)
    timings = alternate(
        {
            "floor, all": lambda: floor(model, source, []),
            "step, all": step(model, transport, source, target),
            "floor, quick": lambda: floor(model, few, anchor),
            "step, quick": step(model, quick, source, target),
        },
        rounds,
    )
    few_text = f"{len(few)} source and {len(anchor)} target sentences, with the language anchor (`quick`)"
    rows = [
        ("all 32 source sentences, transport loss (`paper`)", timings.ratio("step, all", "floor, all"), "1.08"),
        (few_text, timings.ratio("step, quick", "floor, quick"), "1.08"),
    ]
    return table(("a step on …", "times its floor", "wanted, at most"), rows)


def example() -> Preset:
    """The preset of all speed benchmarks: 32 + 32 sentences of 16 tokens on average."""
    return next(preset for preset in load_presets() if preset.id == "cheerful")


def step(model: LoadedModel, recipe: Recipe, source: list[Tensor], target: list[Tensor]) -> Callable[[], None]:
    """One step of a recipe, always on the same sentences."""
    parameters = Parameters(model.sites, model.device)
    optimizer = torch.optim.Adam(parameters.tensors(), lr=1e-4, betas=(0.9, 0.9))
    distance = Distance(model.sites, read_at_once(model, model.sites, target))
    few = source[: recipe.source_batch or None]
    anchor = target[: recipe.anchor_batch] if recipe.anchor else []
    budget = tokens_that_fit(model)

    def one() -> None:
        optimizer.zero_grad()
        backward(model, distance, parameters, few, anchor, 1.0, recipe.anchor, budget)
        optimizer.step()

    return one


class _LastSite(Exception):
    """Ends a forward pass at the last site."""


def floor(model: LoadedModel, source: Sequence[Tensor], anchor: Sequence[Tensor]) -> None:
    """Forward pass, and backward pass from the last site (with anchor rows from their loss, too) to the first site."""
    rows = [*source, *anchor]
    for group in chunks(rows):
        members = sorted(group)
        first_anchor = sum(i < len(source) for i in members)
        _floor(model, pad([rows[i] for i in members]), first_anchor if first_anchor < len(members) else None)


def _floor(model: LoadedModel, batch: Batch, first_anchor: int | None) -> None:
    first, last = model.sites[0].name, model.sites[-1].name
    seen: list[Tensor] = []

    def start(output: Tensor) -> Tensor:
        return output.detach().requires_grad_()

    def stop(output: Tensor) -> None:
        seen.append(output)
        if first_anchor is None:
            raise _LastSite

    with intercept(model.network, {first: start, last: stop}):
        try:
            hidden = model.network.base_model(input_ids=batch.ids, use_cache=False).last_hidden_state
        except _LastSite:
            seen[0].sum().backward()
            return
    logits = model.network.get_output_embeddings()(hidden[first_anchor:])
    (logits.logsumexp(-1).sum() + seen[0].sum()).backward()
