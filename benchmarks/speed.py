"""Seconds and megabytes: a training step against its floor, side by side against one answer, memory over the model."""

import argparse
import multiprocessing
import resource
import statistics
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from benchmarks.report import table, write_section
from benchmarks.timing import Timings, alternate
from lineas.core.maps import SteeringMap
from lineas.events import Done, Step
from lineas.examples.presets import load_presets
from lineas.generation import Row, Sampling, generate
from lineas.model.intercept import intercept
from lineas.model.loaded import LoadedModel
from lineas.model.loading import load_model
from lineas.objective import Distance, Parameters, backward
from lineas.passes import Batch, pad, read_at_once, tokenize
from lineas.recipes import RECIPES
from lineas.training import train

TOKENS = 64
PROMPT = "The old harbour was quiet that morning, and"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=9, help="rounds of every comparison (default: 9)")


def run(arguments: argparse.Namespace) -> None:
    memory = _in_a_fresh_process(_memory, arguments.model)
    model = load_model(arguments.model)
    preset = load_presets()[0]
    steps = _steps(model, list(preset.source), list(preset.target), arguments.rounds)
    decoding = _decoding(model, arguments.rounds)
    seconds, count = _whole_training(model, list(preset.source), list(preset.target))
    paper = steps.median("paper step") * RECIPES["paper"].steps
    one = decoding.median("one answer")
    rows = [
        (
            "step on all sentences, transport only, against the floor",
            steps.ratio_text("paper step", "floor, all"),
            "1.25",
        ),
        (
            "step of `quick` against the floor of its own batch",
            steps.ratio_text("quick step", "floor, quick's batch"),
            "",
        ),
        (
            "… against that batch's passes to its next-token loss",
            steps.ratio_text("quick step", "floor, to the head"),
            "1.25",
        ),
        (
            "plain and steered side by side against one answer",
            decoding.ratio_text("plain and steered", "one answer"),
            "1.3",
        ),
        ("eleven strengths against one answer", decoding.ratio_text("eleven strengths", "one answer"), ""),
        ("one steered answer against one plain one", decoding.ratio_text("one steered answer", "one answer"), ""),
        ("memory of `quick` over the loaded model, MB", memory["training"], "1500"),
        ("memory of side by side over the loaded model, MB", memory["comparing"], ""),
    ]
    text = f"""### Speed

Ratios are medians of {arguments.rounds} rounds in which the candidates take turns (quartiles in brackets). The *floor* is the
same frozen model's bare forward pass and backward pass from the last site to the first, on the same tokens: no maps, no
pooling, no loss. Model `{model.id}`, preset `{preset.id}` (32 + 32 sentences).

{table(("what", "measured", "wanted, at most"), rows)}

`quick` as a whole, read, {count} steps and the closing measurement: **{seconds:.0f} s**. The `paper` recipe's
{RECIPES["paper"].steps} steps would take {paper:.0f} s at the median of its steps measured here ({paper / seconds:.0f} times as
long). One answer: {TOKENS / one:.1f} tokens a second.
"""
    write_section("speed", text)


def _steps(model: LoadedModel, source: list[str], target: list[str], rounds: int) -> Timings:
    quick = RECIPES["quick"]
    source_rows, target_rows = tokenize(model, source, 256), tokenize(model, target, 256)
    distance = Distance(model.sites, read_at_once(model, model.sites, target_rows))
    few, anchor = source_rows[: quick.source_batch], target_rows[: quick.anchor_batch]

    def step(rows: list[Tensor], anchor_rows: list[Tensor], weight: float) -> Callable[[], object]:
        parameters = Parameters(model.sites, model.device)
        optimizer = torch.optim.Adam(parameters.tensors(), lr=1e-3, betas=(0.9, 0.9))

        def one() -> None:
            optimizer.zero_grad()
            backward(model, distance, parameters, rows, anchor_rows, 1.0, weight)
            optimizer.step()

        return one

    return alternate(
        {
            "floor, all": lambda: _floor(model, pad(source_rows), None),
            "paper step": step(source_rows, [], 0.0),
            "floor, quick's batch": lambda: _floor(model, pad([*few, *anchor]), None),
            "floor, to the head": lambda: _floor(model, pad([*few, *anchor]), len(few)),
            "quick step": step(few, anchor, quick.anchor),
        },
        rounds,
    )


class _LastSite(Exception):
    pass


def _floor(model: LoadedModel, batch: Batch, first_language_row: int | None) -> None:
    """Forward from the embedding and backward to the first site: to the last site, or to the loss of the language rows."""
    first, last = model.sites[0].name, model.sites[-1].name
    seen: list[Tensor] = []

    def start(output: Tensor) -> Tensor:
        return output.detach().requires_grad_()

    def stop(output: Tensor) -> None:
        seen.append(output)
        if first_language_row is None:
            raise _LastSite

    with intercept(model.network, {first: start, last: stop}):
        try:
            hidden = model.network.base_model(input_ids=batch.ids, use_cache=False).last_hidden_state
        except _LastSite:
            seen[0].sum().backward()
            return
    logits = model.network.get_output_embeddings()(hidden[first_language_row:])
    (logits.logsumexp(-1).sum() + seen[0].sum()).backward()


def _decoding(model: LoadedModel, rounds: int) -> Timings:
    steering_map = SteeringMap.identity({site.name: site.width for site in model.sites}).at_strength(1.0)
    moved = SteeringMap(steering_map.scale, {site: shift + 0.01 for site, shift in steering_map.shift.items()})
    # nothing ends early: every candidate decodes the same number of tokens
    sampling = Sampling(max_new_tokens=TOKENS, temperature=0.7, chat=False)
    candidates = {
        "one answer": [Row()],
        "one steered answer": [Row(moved, 1.0)],
        "plain and steered": [Row(), Row(moved, 1.0)],
        "eleven strengths": [Row(moved, i / 10) for i in range(11)],
    }
    ends = model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id
    model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id = None, None
    try:
        return alternate(
            {name: partial(generate, model, [PROMPT], rows, sampling) for name, rows in candidates.items()},
            rounds,
        )
    finally:
        model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id = ends


def _whole_training(model: LoadedModel, source: list[str], target: list[str]) -> tuple[float, int]:
    results = []
    for seed in range(3):
        events = list(train(model, source, target, "quick", seed=seed))
        done = events[-1]
        assert isinstance(done, Done)
        results.append((done.seconds, sum(isinstance(event, Step) for event in events)))
    return statistics.median(seconds for seconds, _ in results), results[0][1]


def _memory(name: str) -> dict[str, int]:
    """Peak resident memory over that of the loaded model that has answered once; MB."""
    model = load_model(name)
    preset = load_presets()[0]
    generate(model, [PROMPT], [Row()], Sampling(max_new_tokens=4))
    loaded = _peak()
    generate(model, [PROMPT], [Row(), Row()], Sampling(max_new_tokens=TOKENS))
    comparing = _peak() - loaded
    for _ in train(model, preset.source, preset.target, "quick"):
        pass
    return {"comparing": round(comparing), "training": round(_peak() - loaded)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_fresh_process(function: Callable[[str], dict[str, int]], argument: str) -> dict[str, int]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, (argument,))
