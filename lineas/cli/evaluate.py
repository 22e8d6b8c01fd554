"""``lineas evaluate``: what a map does and costs at several strengths, and whether an instruction would do as well."""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lineas.cli.flags import (
    MAP,
    add_column_flags,
    add_model_flag,
    find_map,
    known_examples,
    load,
    number,
    read_sides,
    whole,
)
from lineas.cli.tables import columns_of, layout
from lineas.cli.terminal import Terminal, WrongUse, printable
from lineas.errors import LineasError
from lineas.models.local import check_name
from lineas.training.recipes import LARGEST_SEED

HELP = "measure what a map does and what it costs, at several strengths"
EXAMPLE = """\
  lineas evaluate --map pirate
  lineas evaluate --map mine.safetensors --source plain.txt --target pirate.txt --instruction "Talk like a pirate."
  lineas evaluate --map mine.safetensors --suite blimp mmlu toxicity --data shared/data

  suites:
  effect            how strongly an independent judge, trained on the examples, recognises the concept in answers to
                    neutral questions, and how fluent the answers are
  cost              loss on the target and on Wikipedia sentences
  toxicity, sentiment, classifier:MODEL (any text classifier of Hugging Face)
  health            the check that follows a training
  blimp, mmlu, truthfulqa (need --data), lm:TASK (any task of lm-evaluation-harness)"""
INSTRUCTION_EXAMPLES = 8
"""Number of target sentences that replace the instruction if there is none."""
# as in lineas.evaluation.suites.scorecard, which takes too long to import for a wrong name (a test compares them)
SUITES = ("effect", "cost", "blimp", "mmlu", "truthfulqa", "toxicity", "sentiment", "health")
NEED_DATA = ("blimp", "mmlu", "truthfulqa")
COLUMNS = (
    "effect", "gain", "relevance", "fluency", "perplexity", "distinct_2", "repetition", "target_loss", "wiki_loss",
)  # fmt: skip


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--map", required=True, help=MAP)
    add(
        "--suite", nargs="+", default=["effect", "cost"], metavar="NAME", help="what to measure (default: effect cost)"
    )
    add("--strength", nargs="+", type=number(-10, 10), default=[0.5, 1.0, 1.5], metavar="NUMBER",
        help="strengths besides the plain model and the recommended strength (default: 0.5 1 1.5)")  # fmt: skip
    add("--source", metavar="FILE", help="the source examples of the map, if they are not known here")
    add("--target", metavar="FILE", help="the target examples of the map, if they are not known here")
    add_column_flags(parser)
    add("--instruction", metavar="TEXT",
        help="the concept as an instruction, measured for comparison (default: the map's own, or some examples)")  # fmt: skip
    add("--prompt-file", metavar="FILE", help="prompts to answer instead of the neutral questions")
    add("--data", type=Path, metavar="FOLDER", help="a folder of public data sets")
    add("--tasks", type=Path, metavar="FOLDER", help="your own tasks for lm-evaluation-harness")
    add("--items", type=whole(1), default=200, metavar="N", help="questions of each benchmark (default: 200)")
    add("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="random seed (default: 0)")
    add_model_flag(parser)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    if (flags.source is None) != (flags.target is None):
        raise WrongUse("--source and --target belong together")
    _check_suites(flags.suite, flags.data, flags.prompt_file)

    began = time.perf_counter()
    path = find_map(flags.map)
    check_name(flags.model)

    from lineas.data import read_file
    from lineas.methods.load import load_steering

    steering = load_steering(path)
    if flags.source:
        source, target, instruction = *read_sides(flags, terminal), ""
    else:
        source, target, instruction = known_examples(steering.metadata)
    prompts = read_file(flags.prompt_file) if flags.prompt_file else None
    if "health" in flags.suite and not target:
        raise WrongUse("the suite health needs the examples of the map: --source FILE --target FILE")
    model = load(flags.model, terminal, flags.quantize)

    from dataclasses import replace

    from lineas.evaluation.metrics.effect import EVAL_SAMPLING
    from lineas.evaluation.suites.scorecard import EvaluationSetup, candidates, run_suite
    from lineas.methods.prompting import from_examples
    from lineas.steering.hooks import check_fits

    if warning := check_fits(model, steering):
        terminal.message(warning)
    known = float(steering.metadata.get("recommended_strength", 1.0))
    instruction = flags.instruction or instruction
    if not instruction and target:
        instruction = from_examples(model, target[:INSTRUCTION_EXAMPLES])
    bench = EvaluationSetup(
        model, candidates(steering, sorted({*flags.strength, known}), instruction), source[:64], target[:64],
        flags.data, prompts, flags.items, flags.tasks, replace(EVAL_SAMPLING, seed=flags.seed),
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"strength": c.name if c.name == "instruction" else float(c.name)} for c in bench.candidates
    ]
    with terminal.progress() as progress:
        for name in (name for name in flags.suite if name != "health"):
            measured = terminal.watch(run_suite(name, bench), f"measuring {name}", progress)
            for row, numbers in zip(rows, measured, strict=True):
                row.update(numbers)
    card = _health(model, steering, source, target, instruction, terminal) if "health" in flags.suite else None
    data = {
        "map": str(path),
        "name": steering.name,
        "model": model.id,
        "recommended_strength": _recommended(rows) or known,
        "strengths": rows,
        "health": card,
        "notes": bench.notes,
        "seconds": round(time.perf_counter() - began, 1),
    }
    terminal.result(data, _text(data))


def _check_suites(suites: Sequence[str], data: Path | None, prompt_file: str | None) -> None:
    """Raise WrongUse for an unknown suite or unusable data, before a model is loaded or anything is measured."""
    for name in suites:
        kind, colon, argument = name.partition(":")
        if not (kind in ("lm", "classifier") and argument if colon else name in SUITES):
            raise WrongUse(
                f"there is no suite {name!r}; choose from {', '.join(SUITES)}, lm:TASK and classifier:MODEL"
            )
        if name in NEED_DATA and data is None:
            raise WrongUse(f"the suite {name!r} needs public data sets: give their folder with --data")
    if data is None:
        return

    from lineas.evaluation.suites.public_data import rtp_prompts, truthfulqa
    from lineas.evaluation.suites.utility import load_blimp, load_mmlu

    readers: dict[str, Callable[[Path], Any]] = {"blimp": load_blimp, "mmlu": load_mmlu, "truthfulqa": truthfulqa}
    if prompt_file is None:
        readers["toxicity"] = rtp_prompts
    for name in set(suites) & readers.keys():
        try:
            readers[name](data)
        except LineasError as error:
            raise WrongUse(str(error)) from error


def _recommended(rows: list[dict[str, Any]]) -> float | None:
    """The strength to recommend, by the rule of the studio; None where no suite measured answers, or none can be read."""
    from lineas.evaluation.advice import StrengthReport
    from lineas.evaluation.findings import StrengthPoint

    plain, *steered = (row for row in rows if row["strength"] != "instruction")
    if plain.get("effect") is None:
        return None
    points = [
        StrengthPoint(
            row["strength"], row["effect"], row["fluency"], row["relevance"] / max(plain["relevance"], 1e-3),
            row["repetition"] - plain["repetition"],
        )
        for row in (plain, *steered)
    ]  # fmt: skip
    best = StrengthReport(tuple(points), True).best
    return best.strength if best else None


def _health(
    model: Any, steering: Any, source: Any, target: Any, instruction: str, terminal: Terminal
) -> dict[str, Any]:
    import json

    from lineas.evaluation.health import HealthProgress, health_check

    card: dict[str, Any] = {}
    with terminal.progress() as progress:
        for event in health_check(model, steering, source, target, instruction=instruction):
            if isinstance(event, HealthProgress):
                progress(event.sentence, event.fraction)
            else:
                card = {"title": event.title, **json.loads(event.to_json())}
    return card


def _text(data: dict[str, Any]) -> str:
    name, rows = printable(data["name"]) or "this map", data["strengths"]
    columns = [column for column in columns_of(rows, COLUMNS) if not column.endswith(("_low", "_high"))]
    lines = [
        f"{name} on {data['model']}: use it at strength {data['recommended_strength']:g}.",
        "",
        layout(rows, columns),
    ]
    if data["health"]:
        lines += ["", f"Verdict: {data['health']['title']}. {data['health']['reason']}"]
    return "\n".join([*lines, *(f"\n{note}" for note in data["notes"])])
