"""Effect and cost of LinEAS and its baselines, on public data and on our own presets."""

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.quality.results import ResultFile, duration, run_units
from benchmarks.quality.study import Study
from benchmarks.report import README, stamp, write_tables
from lineas.methods import METHODS
from lineas.models.load import load_model
from lineas.training.distributed import count, process_group
from lineas.training.launch import Launch
from lineas.training.recipes import RECIPES, recipe_named

SUITES = (
    "straight", "judges", "mood", "style", "concepts", "toxicity", "truthfulqa", "samples", "sparsity", "men", "composition",
    "emotions", "recipes", "paper",
)  # fmt: skip
"""Modules of this package: ``units(study)`` lists the work, ``tables(study, results)`` returns Markdown."""
LONG = "paper"
"""A suite of half-hour trainings: a quick run includes it only by name."""
RESULTS = Path(__file__).parents[1] / "results"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", nargs="+", choices=SUITES, help="which suites (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="less of everything and one seed, within a quarter of an hour"
    )
    parser.add_argument("--seeds", type=int, default=3, help="repetitions (default: 3; with --quick 1)")
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, help="instead of each suite's default, which never includes lora_rl"
    )
    parser.add_argument(
        "--recipe", choices=RECIPES, default="quick", help="training recipe of LinEAS (default: quick)"
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("LINEAS_DATA"),
        help="folder of public data sets (default: the variable LINEAS_DATA)",
    )  # fmt: skip
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder of stored results, from which a run resumes"
    )
    parser.add_argument("--tet", type=Path, metavar="FILE", help="TET.json, to measure toxicity on its prompts, too")
    parser.add_argument("--estimate", action="store_true", help="only print the remaining work and its duration")


def run(arguments: argparse.Namespace) -> None:
    folder: Path = arguments.results
    folder.mkdir(parents=True, exist_ok=True)
    launch = Launch.here()
    study = Study(
        load_model(arguments.model, device=launch.device),
        recipe_named(arguments.recipe),
        folder,
        arguments.data,
        1 if arguments.quick else arguments.seeds,
        arguments.quick,
        # a quick run must not overwrite the tables of a whole one
        folder / "quick.md" if arguments.quick else README,
        tuple(arguments.methods) if arguments.methods else None,
        arguments.tet,
    )
    names = arguments.suite or [name for name in SUITES if not (study.quick and name == LONG)]
    if arguments.estimate:
        _estimate(study, names)
        return
    with process_group(launch, "gloo") as group:
        for name in names:
            suite = suite_named(name)
            units = suite.units(study)
            run_units(ResultFile(folder, name), units, lambda line: print(line, flush=True), launch)
            count(1, group)  # waits for the others' units
            if launch.rank == 0:
                results = run_units(ResultFile(folder, name), units, lambda line: None)
                write_tables(name, f"{suite.tables(study, results)}\n\n{stamp()}", study.page)


def suite_named(name: str) -> ModuleType:
    return import_module(f"benchmarks.quality.{name}")


def _estimate(study: Study, names: Sequence[str]) -> None:
    total = 0.0
    for name in names:
        results = ResultFile(study.folder, name)
        units = suite_named(name).units(study)
        left = sum(unit.seconds for unit in units if results.get(unit) is None)
        total += left
        print(f"{name:<12} {len(units):>4} units, {duration(left)} to do on two idle cores")
    print(f"{'all':<12} {duration(total)}")
