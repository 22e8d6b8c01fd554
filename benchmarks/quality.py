"""Effect and cost, of LinEAS and its rivals, on public data and on concepts of our own."""

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.report import README, write_section
from benchmarks.results import Results, carry_out, minutes
from benchmarks.study import Study
from lineas.methods import METHODS
from lineas.models.load import load_model
from lineas.training.recipes import RECIPES, recipe_named

SUITES = {
    "mood": "mood",
    "style": "style",
    "concepts": "concepts",
    "toxicity": "toxicity",
    "truthfulqa": "truthful",
    "samples": "samples",
    "sparsity": "sparsity",
    "men": "men",
    "composition": "composition",
    "emotions": "emotions",
    "recipes": "recipe_search",
    "paper": "paper",
}
"""Each suite's module: ``units(study)`` is the work, ``section(study, results)`` what is written about it."""
LONG = "paper"
"""Half an hour of training is what it is about: no part of a quick run, but where it is named."""
RESULTS = Path(__file__).with_name("results")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", nargs="+", choices=SUITES, help="which parts (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="within a quarter of an hour: less of everything, one seed"
    )
    parser.add_argument("--seeds", type=int, default=3, help="repetitions (default: 3; with --quick 1)")
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, help="instead of each suite's own; lora_rl is never among those"
    )
    parser.add_argument("--recipe", choices=RECIPES, default="quick", help="how LinEAS is trained (default: quick)")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("LINEAS_DATA"),
        help="the folder of public data sets (default: the variable LINEAS_DATA)",
    )  # fmt: skip
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="where results are kept, so that a run can be resumed"
    )
    parser.add_argument("--tet", type=Path, metavar="FILE", help="TET.json, for toxicity on its prompts as well")
    parser.add_argument("--estimate", action="store_true", help="only say what there is to do and how long it takes")


def run(arguments: argparse.Namespace) -> None:
    folder: Path = arguments.results
    folder.mkdir(parents=True, exist_ok=True)
    study = Study(
        load_model(arguments.model),
        recipe_named(arguments.recipe),
        folder,
        Path(arguments.data) if arguments.data else None,
        1 if arguments.quick else arguments.seeds,
        arguments.quick,
        # a quick run must not overwrite what a whole one has found
        folder / "quick.md" if arguments.quick else README,
        tuple(arguments.methods) if arguments.methods else None,
        arguments.tet,
    )
    names = arguments.suite or [name for name in SUITES if not (study.quick and name == LONG)]
    if arguments.estimate:
        _estimate(study, names)
        return
    for name in names:
        suite = _suite(name)
        results = Results(folder, name)
        found = carry_out(results, suite.units(study), lambda sentence: print(sentence, flush=True))
        write_section(name, suite.section(study, found), study.page)


def _estimate(study: Study, names: Sequence[str]) -> None:
    total = 0.0
    for name in names:
        results = Results(study.folder, name)
        units = _suite(name).units(study)
        left = sum(unit.seconds for unit in units if results.get(unit) is None)
        total += left
        print(f"{name:<12} {len(units):>4} pieces of work, {minutes(left)} to do on two idle cores")
    print(f"{'all':<12} {minutes(total)}")


def _suite(name: str) -> ModuleType:
    return import_module(f"benchmarks.{SUITES[name]}")
