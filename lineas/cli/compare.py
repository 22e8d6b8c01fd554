"""``lineas compare``: the same examples through every method, in one table."""

import argparse
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import add_model_flag, load, read_examples, whole, writable
from lineas.cli.tables import as_csv, as_markdown, columns_of, layout, load_matplotlib, trade_offs, write
from lineas.cli.terminal import Terminal, WrongUse
from lineas.cli.train import METHODS
from lineas.errors import LineasError
from lineas.training.recipes import LARGEST_SEED, RECIPES, recipe_named

if TYPE_CHECKING:
    from lineas.evaluation.compare_methods import MethodResult
    from lineas.evaluation.metrics.judge import Judge

HELP = "teach the same examples by every method, and compare what comes of it"
EXAMPLE = """\
  lineas compare --source plain.txt --target pirate.txt
  lineas compare --source plain.txt --target pirate.txt --methods lineas lin_act caa prompting \\
      --instruction "Talk like a pirate." --out rivals.csv rivals.md rivals.png

  strength          where the method works best, read from losses; each has a range of its own
  effect            what an independent judge, trained on the examples, hears of the concept in answers to neutral questions
  cost              rise of the loss on Wikipedia sentences, nats a token
  at equal ease     the effect that the method reaches while its answers read as easily as those of the first method"""
DEFAULT = tuple(method for method in METHODS if method != "lora_rl")
ENDINGS = (".csv", ".md", ".png")
IN_TEXT = ("strength", "effect", "cost", "at_equal_ease", "perplexity", "distinct_2", "repetition", "seconds")


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", required=True, metavar="FILE", help="sentences that sound like what there is")
    parser.add_argument("--target", required=True, metavar="FILE", help="sentences that sound like what is wanted")
    parser.add_argument(
        "--methods", nargs="+", default=list(DEFAULT), metavar="NAME",
        help=f"from {', '.join(METHODS)} (default: all but lora_rl, which takes long)",
    )  # fmt: skip
    parser.add_argument("--recipe", default="quick", metavar="NAME", help=f"{', '.join(RECIPES)} (default: quick)")
    parser.add_argument("--instruction", default="", metavar="TEXT", help="the same wish in words, for prompting")
    parser.add_argument("--prompt-file", metavar="FILE", help="prompts to answer instead of the neutral questions")
    parser.add_argument(
        "--out", nargs="+", default=[], metavar="FILE", help="write the table as .csv or .md, or a picture as .png"
    )
    parser.add_argument(
        "--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="of trainings and dice (default: 0)"
    )
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
        load_matplotlib()  # found missing before anything is taught, not after
    source, target = read_examples(flags.source, flags.target)

    from lineas.data import read_file

    prompts = read_file(flags.prompt_file) if flags.prompt_file else None
    model = load(flags.model, terminal)

    from dataclasses import replace

    from lineas.evaluation.compare_methods import MethodResult, compare_methods
    from lineas.evaluation.metrics.effect import EVAL_SAMPLING

    began = time.perf_counter()
    judge = _judge(source, target, terminal)
    standings: list[MethodResult] = []
    work = compare_methods(
        model, source, target, list(dict.fromkeys(flags.methods)), recipe, score=judge, instruction=flags.instruction,
        prompts=prompts, sampling=replace(EVAL_SAMPLING, seed=flags.seed), seed=flags.seed,
    )  # fmt: skip
    with terminal.progress() as progress:
        for event in work:
            if isinstance(event, MethodResult):
                standings.append(event)
            else:
                progress(f"{event.method}: {event.sentence}", event.fraction)
    rows = table(standings)
    data = {"model": model.id, "judge_auc": judge.auc if judge else None, "methods": rows}
    columns = [column for column in columns_of(rows) if column != "along"]
    for file in files:
        match file.suffix.lower():
            case ".csv":
                write(file, as_csv(rows, columns))
            case ".md":
                write(file, as_markdown(rows, ("method", *IN_TEXT)))
            case _:
                trade_offs(file, curves(standings), f"{Path(flags.source).stem} → {Path(flags.target).stem}")
    written = "".join(f"\nWritten: {file}" for file in files)
    data["seconds"] = round(time.perf_counter() - began, 1)
    note = judge.sentence if judge else "There is no judge, so effects are not known."
    terminal.result(data, f"{layout(rows, ('method', *IN_TEXT))}\n\n{note}{written}")


def table(standings: "list[MethodResult]") -> list[dict[str, Any]]:
    """A row for each method; "at equal ease" is at the perplexity of the first method after the plain model."""
    ease = standings[1].best.report.perplexity if len(standings) > 1 else standings[0].best.report.perplexity
    return [_row(standing, ease) for standing in standings]


def _row(standing: "MethodResult", ease: float) -> dict[str, Any]:
    report, best = standing.best.report, standing.recommendation
    score, gain = report.score, report.gain
    return {
        "method": standing.method,
        "strength": standing.best.strength,
        "effect": score.mean if score else None,
        "effect_low": score.low if score else None,
        "effect_high": score.high if score else None,
        "gain": gain.mean if gain else None,
        "gain_low": gain.low if gain else None,
        "gain_high": gain.high if gain else None,
        "cost": best.damage,
        "target_loss_fall": best.gain,
        "at_equal_ease": standing.effect_at_cost(ease),
        "perplexity": _known(report.perplexity),
        "distinct_1": report.statistics.distinct_1,
        "distinct_2": report.statistics.distinct_2,
        "repetition": report.statistics.repetition,
        "words": report.statistics.words,
        "seconds": round(standing.seconds, 1),
        "along": [
            {
                "strength": point.strength,
                "effect": point.report.score.mean if point.report.score else None,
                "perplexity": _known(point.report.perplexity),
                "distinct_2": point.report.statistics.distinct_2,
            }
            for point in standing.sweep
        ],
    }


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def curves(standings: "list[MethodResult]") -> dict[str, list[tuple[float, float]]]:
    """(perplexity, effect) along each method's strengths."""
    return {
        standing.method: [(trade.perplexity, trade.effect) for point in standing.sweep if (trade := point.trade_off)]
        for standing in standings
    }


def _judge(source: list[str], target: list[str], terminal: Terminal) -> "Judge | None":
    from lineas.evaluation.metrics.embeddings import load_minilm
    from lineas.evaluation.metrics.judge import train_judge

    try:
        with terminal.progress() as progress:
            return train_judge(source, target, load_minilm(progress))
    except LineasError as error:
        terminal.tell(str(error))
        return None
