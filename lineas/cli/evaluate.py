"""``lineas evaluate``: what a map does and costs at several strengths, and whether an instruction would do as well."""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lineas.cli.flags import MAP, add_model_flag, find_map, known_examples, load, number, whole
from lineas.cli.tables import columns_of, layout
from lineas.cli.terminal import Terminal, WrongUse, printable
from lineas.errors import LineasError
from lineas.training.recipes import LARGEST_SEED

HELP = "measure what a map does and what it costs, at several strengths"
EXAMPLE = """\
  lineas evaluate --map pirate
  lineas evaluate --map mine.safetensors --source plain.txt --target pirate.txt --instruction "Talk like a pirate."
  lineas evaluate --map mine.safetensors --suite blimp mmlu toxicity --data shared/data

  suites: effect (how much an independent judge, trained on the examples, hears of the concept in answers to neutral
  questions; how the answers read), cost (loss on the target and on Wikipedia sentences), toxicity, sentiment,
  classifier:MODEL (any text classifier of Hugging Face), health (the examination after a training), and with a folder of
  public data blimp, mmlu, truthfulqa; lm:TASK is any task of lm-evaluation-harness"""
SHOWN_TO_MODEL = 8
"""Target sentences that stand in for an instruction where there is none."""
SHOWN = (
    "effect", "gain", "perplexity", "distinct_2", "repetition", "target_loss", "wiki_loss",
)  # fmt: skip


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--map", required=True, help=MAP)
    parser.add_argument(
        "--suite", nargs="+", default=["effect", "cost"], metavar="NAME", help="what to measure (default: effect cost)"
    )
    parser.add_argument(
        "--strength", nargs="+", type=number(-10, 10), default=[0.5, 1.0, 1.5], metavar="NUMBER",
        help="strengths beside the plain model and the recommended one (default: 0.5 1 1.5)",
    )  # fmt: skip
    parser.add_argument(
        "--source", metavar="FILE", help="the examples that the map was taught on, where they are not known"
    )
    parser.add_argument("--target", metavar="FILE", help="the same for how it should sound")
    parser.add_argument(
        "--instruction",
        metavar="TEXT",
        help="the same wish in words, measured beside the map (default: the map's own, or some of its examples)",
    )
    parser.add_argument("--prompt-file", metavar="FILE", help="prompts to answer instead of the neutral questions")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="a folder of public data sets")
    parser.add_argument("--tasks", type=Path, metavar="FOLDER", help="your own tasks for lm-evaluation-harness")
    parser.add_argument(
        "--items", type=whole(1), default=200, metavar="N", help="questions of each benchmark (default: 200)"
    )
    parser.add_argument("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="of the dice (default: 0)")
    add_model_flag(parser)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    if (flags.source is None) != (flags.target is None):
        raise WrongUse("--source and --target belong together")
    _check_suites(flags.suite, flags.data, flags.prompt_file)

    from lineas.data import read_file
    from lineas.methods.load import load_steering

    began = time.perf_counter()
    path = find_map(flags.map)
    steering = load_steering(path)
    if flags.source:
        source, target, instruction = read_file(flags.source), read_file(flags.target), ""
    else:
        source, target, instruction = known_examples(steering.metadata)
    prompts = read_file(flags.prompt_file) if flags.prompt_file else None
    if "health" in flags.suite and not target:
        raise WrongUse("the suite health needs the examples that the map was taught on: --source FILE --target FILE")
    model = load(flags.model, terminal)

    from dataclasses import replace

    from lineas.evaluation.metrics.effect import EVAL_SAMPLING
    from lineas.evaluation.suites.scorecard import EvaluationSetup, candidates, run_suite
    from lineas.steering.hooks import check_fits

    if warning := check_fits(model, steering):
        terminal.tell(warning)
    best, read_from = _recommended(model, steering, target, terminal)
    from lineas.methods.prompting import from_examples

    instruction = flags.instruction or instruction or (from_examples(model, target[:SHOWN_TO_MODEL]) if target else "")
    bench = EvaluationSetup(
        model, candidates(steering, sorted({*flags.strength, best}), instruction), source[:64], target[:64], flags.data,
        prompts, flags.items, flags.tasks, replace(EVAL_SAMPLING, seed=flags.seed),
    )  # fmt: skip
    rows: list[dict[str, Any]] = [{"strength": _strength(c.name)} for c in bench.candidates]
    with terminal.progress() as progress:
        for name in (name for name in flags.suite if name != "health"):
            work = run_suite(name, bench)
            found = terminal.watch(work, f"measuring {name}", progress)
            for row, numbers in zip(rows, found, strict=True):
                row.update(numbers)
    card = _health(model, steering, source, target, instruction, terminal) if "health" in flags.suite else None
    data = {
        "map": str(path),
        "name": steering.name,
        "model": model.id,
        "recommended_strength": best,
        "strengths": rows,
        "read_from": read_from,
        "health": card,
        "notes": bench.notes,
        "seconds": round(time.perf_counter() - began, 1),
    }
    terminal.result(data, _text(data))


def _check_suites(suites: Sequence[str], data: Path | None, prompt_file: str | None) -> None:
    """What is wrong with a suite or its data is told before the model is loaded and the other suites are measured."""
    from lineas.evaluation.suites.public_data import rtp_prompts, truthfulqa
    from lineas.evaluation.suites.scorecard import SUITES
    from lineas.evaluation.suites.utility import load_blimp, load_mmlu

    read: dict[str, Callable[[Path], Any]] = {"blimp": load_blimp, "mmlu": load_mmlu, "truthfulqa": truthfulqa}
    if data is not None and prompt_file is None:
        read["toxicity"] = rtp_prompts
    for name in suites:
        kind, colon, what = name.partition(":")
        known = kind in ("lm", "classifier") and what if colon else name in (*SUITES, "health")
        if not known:
            choices = ", ".join((*SUITES, "health"))
            raise WrongUse(f"there is no suite {name!r}; choose from {choices}, lm:TASK and classifier:MODEL")
        if name in read:
            if data is None:
                raise WrongUse(
                    f"the suite {name!r} needs data that do not come with this program: give their folder with --data"
                )
            try:
                read[name](data)
            except LineasError as error:
                raise WrongUse(str(error)) from error


def _strength(name: str) -> float | str:
    return name if name == "instruction" else float(name)


def _recommended(model: Any, steering: Any, target: Any, terminal: Terminal) -> tuple[float, list[dict[str, float]]]:
    """Read from losses where the examples are known, else what the map says; with the curve that it was read from."""
    from dataclasses import asdict

    from lineas.evaluation.strength_range import cost_sentences, recommend_in_range

    if not target:
        return float(steering.metadata.get("recommended_strength", 1.0)), []
    with terminal.progress() as progress:
        best = terminal.watch(
            recommend_in_range(model, steering, *cost_sentences(target)), "trying strengths", progress
        )
    return best.strength, [asdict(point) for point in best.curve]


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
    lines = [
        f"{printable(data['name']) or 'this map'} on {data['model']}: use it at strength {data['recommended_strength']:g}.",
        "",
    ]
    columns = [column for column in columns_of(data["strengths"], SHOWN) if not column.endswith(("_low", "_high"))]
    lines.append(layout(data["strengths"], columns))
    if data["health"]:
        lines += ["", f"Verdict: {data['health']['title']}. {data['health']['reason']}"]
    return "\n".join([*lines, *(f"\n{note}" for note in data["notes"])])
