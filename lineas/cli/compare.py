"""``lineas compare``: the same examples through every method, in one table."""

import argparse
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import add_column_flags, add_model_flag, load, read_examples, whole, writable
from lineas.cli.tables import as_csv, as_markdown, columns_of, layout, load_matplotlib, trade_offs, write
from lineas.cli.terminal import Terminal, WrongUse
from lineas.cli.train import METHODS
from lineas.errors import LineasError
from lineas.training.recipes import LARGEST_SEED, RECIPES, recipe_named

if TYPE_CHECKING:
    from lineas.evaluation.compare_methods import MethodResult
    from lineas.evaluation.metrics.judge import Judge

HELP = "train the same examples with every method, and compare the results"
EXAMPLE = """\
  lineas compare --source plain.txt --target pirate.txt
  lineas compare --source plain.txt --target pirate.txt --methods lineas lin_act caa prompting \\
      --instruction "Talk like a pirate." --out table.csv table.md picture.png

  strength          the method's best strength, found from its answers; each method has a range of its own
  effect            how strongly an independent judge, trained on the examples, recognises the concept in answers to
                    neutral questions
  relevance         how far the answers keep to their questions, in nats per token
  cost              increase of the loss on Wikipedia sentences after a neutral question, in nats per token
  at equal ease     the method's effect where its answers are as fluent as those of the first method"""
DEFAULT = tuple(method for method in METHODS if method != "lora_rl")
ENDINGS = (".csv", ".md", ".png")
COLUMNS = (
    "method", "strength", "effect", "relevance", "cost", "at_equal_ease", "perplexity", "distinct_2", "repetition", "seconds",
)  # fmt: skip


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--source", required=True, metavar="FILE", help="sentences that sound like the model now")
    add("--target", required=True, metavar="FILE", help="sentences that sound like what you want")
    add_column_flags(parser)
    add("--methods", nargs="+", default=list(DEFAULT), metavar="NAME",
        help=f"from {', '.join(METHODS)} (default: all except lora_rl, which is slow)")  # fmt: skip
    add("--recipe", default="quick", metavar="NAME", help=f"{', '.join(RECIPES)} (default: quick)")
    add("--instruction", default="", metavar="TEXT", help="the concept as an instruction, for prompting")
    add("--prompt-file", metavar="FILE", help="prompts to answer instead of the neutral questions")
    add("--out", nargs="+", default=[], metavar="FILE", help="save the table as .csv or .md, or a picture as .png")
    add("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="random seed (default: 0)")
    add_model_flag(parser)


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    if unknown := [name for name in flags.methods if name not in METHODS]:
        raise WrongUse(f"There is no method {unknown[0]!r}. Choose from {', '.join(METHODS)}.")
    if wrong := [name for name in flags.out if Path(name).suffix.lower() not in ENDINGS]:
        raise WrongUse(f"{wrong[0]!r} ends in none of {', '.join(ENDINGS)}")
    try:
        recipe = recipe_named(flags.recipe)
    except LineasError as error:
        raise WrongUse(str(error)) from None
    files = [writable(name) for name in flags.out]
    if any(file.suffix.lower() == ".png" for file in files):
        load_matplotlib()  # raises before anything is trained, if it is not installed
    source, target = read_examples(flags, terminal)

    from lineas.data import read_file

    prompts = read_file(flags.prompt_file) if flags.prompt_file else None
    model = load(flags.model, terminal, flags.quantize)

    from dataclasses import replace

    from lineas.evaluation.compare_methods import MethodResult, compare_methods
    from lineas.evaluation.metrics.effect import EVAL_SAMPLING

    began = time.perf_counter()
    judge = _train_judge(source, target, terminal)
    results: list[MethodResult] = []
    events = compare_methods(
        model, source, target, list(dict.fromkeys(flags.methods)), recipe, score=judge, instruction=flags.instruction,
        prompts=prompts, sampling=replace(EVAL_SAMPLING, seed=flags.seed), seed=flags.seed,
    )  # fmt: skip
    with terminal.progress() as progress:
        for event in events:
            if isinstance(event, MethodResult):
                results.append(event)
            else:
                progress(f"{event.method}: {event.sentence}", event.fraction)
    rows = table(results)
    for file in files:
        match file.suffix.lower():
            case ".csv":
                write(file, as_csv(rows, [column for column in columns_of(rows) if column != "along"]))
            case ".md":
                write(file, as_markdown(rows, COLUMNS))
            case _:
                trade_offs(file, curves(results), f"{Path(flags.source).stem} → {Path(flags.target).stem}")
    data = {"model": model.id, "judge_auc": judge.auc if judge else None, "methods": rows}
    data["seconds"] = round(time.perf_counter() - began, 1)
    note = judge.sentence if judge else "There is no judge, so effects are unknown."
    saved = "".join(f"\nSaved: {file}" for file in files)
    terminal.result(data, f"{layout(rows, COLUMNS)}\n\n{note}{saved}")


def table(results: "list[MethodResult]") -> list[dict[str, Any]]:
    """A row for each method; "at_equal_ease" is the effect at the perplexity of the first method after the plain model."""
    ease = results[1].best.report.perplexity if len(results) > 1 else results[0].best.report.perplexity
    return [_row(result, ease) for result in results]


def _row(result: "MethodResult", ease: float) -> dict[str, Any]:
    report = result.best.report
    intervals: dict[str, Any] = {}
    for name, interval in (("effect", report.score), ("gain", report.gain)):
        for suffix, field in (("", "mean"), ("_low", "low"), ("_high", "high")):
            intervals[name + suffix] = getattr(interval, field, None)
    return {
        "method": result.method,
        "strength": result.best.strength,
        **intervals,
        "relevance": report.relevance.mean,
        "cost": result.damage,
        "target_loss_fall": result.gain,
        "at_equal_ease": result.effect_at_cost(ease),
        "perplexity": _finite(report.perplexity),
        "distinct_1": report.statistics.distinct_1,
        "distinct_2": report.statistics.distinct_2,
        "repetition": report.statistics.repetition,
        "words": report.statistics.words,
        "seconds": round(result.seconds, 1),
        "along": [
            {
                "strength": point.strength,
                "effect": point.report.score.mean if point.report.score else None,
                "relevance": point.report.relevance.mean,
                "perplexity": _finite(point.report.perplexity),
                "distinct_2": point.report.statistics.distinct_2,
            }
            for point in result.sweep
        ],
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def curves(results: "list[MethodResult]") -> dict[str, list[tuple[float, float]]]:
    """(perplexity, effect) of each method at its strengths."""
    return {
        result.method: [(trade.perplexity, trade.effect) for point in result.sweep if (trade := point.trade_off)]
        for result in results
    }


def _train_judge(source: list[str], target: list[str], terminal: Terminal) -> "Judge | None":
    from lineas.evaluation.metrics.embeddings import load_minilm
    from lineas.evaluation.metrics.judge import train_judge

    try:
        with terminal.progress() as progress:
            return train_judge(source, target, load_minilm(progress))
    except LineasError as error:
        terminal.message(str(error))
        return None
