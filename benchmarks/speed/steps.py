"""One training step beside its floor: the same frozen network's bare forward and backward pass on the same tokens."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from benchmarks.report import table
from benchmarks.timing import alternate
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

PRESET = "cheerful"
"""32 + 32 sentences of 16 tokens on the average."""


def measure(name: str, rounds: int) -> str:
    model, preset, quick = load_model(name), example(), RECIPES["quick"]
    source_rows, target_rows = tokenize(model, preset.source, 256), tokenize(model, preset.target, 256)
    few, anchor = source_rows[: quick.source_batch], target_rows[: quick.anchor_batch]
    transport = replace(RECIPES["paper"], source_batch=0)
    timings = alternate(
        {
            "floor, all": lambda: floor(model, source_rows, []),
            "step, all": step(model, transport, source_rows, target_rows),
            "floor, quick": lambda: floor(model, few, anchor),
            "step, quick": step(model, quick, source_rows, target_rows),
        },
        rounds,
    )
    rows = [
        ("all 32 source sentences, transport loss (`paper`)", timings.ratio_text("step, all", "floor, all"), "1.08"),
        (
            f"{len(few)} source and {len(anchor)} target sentences, with the language anchor (`quick`)",
            timings.ratio_text("step, quick", "floor, quick"),
            "1.08",
        ),
    ]
    return f"""### One training step

Model `{model.id}`, preset `{PRESET}` (32 + 32 sentences). The *floor* is the same frozen model's bare forward pass and the
backward pass from the last site (or, where a step has the language anchor, from those sentences' next-token loss) to the first
site, on the same tokens in the same groups: no maps, no pooling, no transport, no optimizer. Ratios are medians of {rounds}
rounds in which the candidates take turns, quartiles in brackets.

{table(("a step on …", "times its floor", "wanted, at most"), rows)}
"""


def example() -> Preset:
    return next(preset for preset in load_presets() if preset.id == PRESET)


def step(model: LoadedModel, recipe: Recipe, source: list[Tensor], target: list[Tensor]) -> Callable[[], object]:
    """One step of a recipe, always on the same sentences."""
    parameters = Parameters(model.sites, model.device)
    optimizer = torch.optim.Adam(parameters.tensors(), lr=1e-4, betas=(0.9, 0.9))
    distance = Distance(model.sites, read_at_once(model, model.sites, target))
    few = source[: recipe.source_batch or None]
    anchor = target[: recipe.anchor_batch] if recipe.anchor else []
    budget = tokens_that_fit(model, parameters, with_anchor=bool(anchor))

    def one() -> None:
        optimizer.zero_grad()
        backward(model, distance, parameters, few, anchor, 1.0, recipe.anchor, budget)
        optimizer.step()

    return one


class _LastSite(Exception):
    pass


def floor(model: LoadedModel, source: Sequence[Tensor], anchor: Sequence[Tensor]) -> None:
    """Forward from the embedding; backward to the first site from the last one, or also from the loss of the anchor rows."""
    rows = [*source, *anchor]
    for group in chunks(rows):
        members = sorted(group)
        averaged = sum(i < len(source) for i in members)
        _floor(model, pad([rows[i] for i in members]), averaged if averaged < len(members) else None)


def _floor(model: LoadedModel, batch: Batch, first_lm_row: int | None) -> None:
    first, last = model.sites[0].name, model.sites[-1].name
    seen: list[Tensor] = []

    def start(output: Tensor) -> Tensor:
        return output.detach().requires_grad_()

    def stop(output: Tensor) -> None:
        seen.append(output)
        if first_lm_row is None:
            raise _LastSite

    with intercept(model.network, {first: start, last: stop}):
        try:
            hidden = model.network.base_model(input_ids=batch.ids, use_cache=False).last_hidden_state
        except _LastSite:
            seen[0].sum().backward()
            return
    logits = model.network.get_output_embeddings()(hidden[first_lm_row:])
    (logits.logsumexp(-1).sum() + seen[0].sum()).backward()
