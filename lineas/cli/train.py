"""``lineas train``: trains a map on two files of sentences. Its run is saved like the studio's, and appears there."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.cli.flags import (
    add_column_flags,
    add_model_flag,
    library,
    load,
    number,
    read_examples,
    try_it,
    whole,
    writable,
)
from lineas.cli.terminal import Terminal, WrongUse
from lineas.cli.train_jobs import COLUMNS, SETTINGS, run_jobs
from lineas.errors import LineasError
from lineas.files import atomic_write, home
from lineas.training.launch import Launch
from lineas.training.recipes import LARGEST_SEED, RECIPES, Recipe, recipe_named

if TYPE_CHECKING:
    from lineas.models.loaded import LoadedModel
    from lineas.storage import Run
    from lineas.training.events import Done, Event

HELP = "train a map on two files of sentences"
EXAMPLE = """\
  lineas train --source plain.txt --target pirate.txt --out pirate.safetensors

  plain.txt holds sentences that sound like the model now, pirate.txt sentences that sound like what you want: one a
  line, in any order, 16 or more in each file. Tables (.csv, .tsv, .jsonl, .parquet, .xlsx) work, too, and one file can fill both
  sides: lineas train --source talks.csv --target talks.csv --source-column plain --target-column pirate --out pirate.safetensors

  Press Ctrl-C to stop; the last line then says how to continue:
  lineas train --resume 20261122-101500-a1b2c3 --out pirate.safetensors

  Several graphics cards, or computers with a shared home folder, train one concept together, or many side by side:
  torchrun --nproc-per-node 4 -m lineas train --source plain.txt --target pirate.txt --out pirate.safetensors
  torchrun --nproc-per-node 4 -m lineas train --jobs concepts.toml"""
# as in lineas.methods, which takes too long to import for a --help (a test compares them)
METHODS = (
    "lineas", "prompting", "caa", "caa_middle", "iti_c", "mean_act", "lin_act", "lin_act_clamp", "aura", "reft", "lora",
    "lora_rl",
)  # fmt: skip
SETTINGS_OF_A_RUN = ("source", "target", *COLUMNS, *SETTINGS)
"""Flags that cannot be given for a run that is resumed."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--source", metavar="FILE", help="sentences that sound like the model now")
    add("--target", metavar="FILE", help="sentences that sound like what you want")
    add_column_flags(parser)
    add("--out", metavar="MAP", help="the file to write, such as pirate.safetensors")
    add_model_flag(parser, default=None)
    add("--recipe", metavar="NAME", help=f"{', '.join(RECIPES)} (default: quick)")
    add("--steps", type=int, metavar="N", help="number of steps, instead of the recipe's")
    add("--method", metavar="NAME", help=f"{', '.join(METHODS)} (default: lineas; the others are baselines)")
    add("--sparsity", type=number(0), metavar="G",
        help="above 0, the map changes fewer coordinates and has less effect; try 0.007")  # fmt: skip
    add("--support", type=float, metavar="PERCENT", help="change at most this percentage of the coordinates")
    add("--sites", metavar="PATTERN",
        help="where to steer: default, paper, norms, attention, mlp, blocks, or a regular expression")  # fmt: skip
    add("--seed", type=whole(0, LARGEST_SEED), metavar="S",
        help="random seed; the same seed gives the same map (default: 0)")  # fmt: skip
    add("--check", action=argparse.BooleanOptionalAction, default=True,
        help="then check what the map does, and which strength to use (under a minute; default: yes)")  # fmt: skip
    add("--resume", metavar="RUN", help="continue a run that was stopped: its id, or its folder")
    add("--jobs", metavar="LIST", help="train many: a .toml file of [[job]] tables with these flags as keys, or a folder of pairs "
        "NAME.source.txt and NAME.target.txt, whose maps go to the folder --out")  # fmt: skip


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    launch = Launch.here()
    if flags.jobs:
        run_jobs(flags, terminal, launch, add_flags, start)
    elif launch.rank:
        _follow(flags, terminal, launch)
    elif flags.resume:
        _resume(flags, terminal, launch)
    else:
        start(flags, terminal, launch)


def start(flags: argparse.Namespace, terminal: Terminal, launch: Launch, model: "LoadedModel | None" = None) -> None:
    """Train a new map.

    Args:
        launch: the processes that share the training.
        model: the one that the flags name, if it is loaded already.
    """
    missing = [f"--{name}" for name in ("source", "target", "out") if getattr(flags, name) is None]
    if missing:
        raise WrongUse(f"{', '.join(missing)} needed (or --resume RUN)")
    given = {name: getattr(flags, name) for name in ("steps", "sparsity", "support")}
    settings = {name: value for name, value in given.items() if value is not None}
    method = flags.method or "lineas"
    if method not in METHODS:
        raise WrongUse(f"There is no method {method!r}. Choose one of {', '.join(METHODS)}.")
    if method != "lineas" and launch.size > 1:
        raise WrongUse(
            f"the method {method!r} trains in one process only: start it without torchrun, or list it in --jobs"
        )
    try:
        recipe = recipe_named(flags.recipe or "quick", **settings)
    except LineasError as error:
        raise WrongUse(str(error)) from None
    out = writable(flags.out)
    source, target = read_examples(flags, terminal)
    model = model or load(flags.model or "default", terminal, flags.quantize, launch.device)
    sites, seed = flags.sites or "default", int(flags.seed or 0)
    _warn(source, target, model, recipe, terminal)
    if method != "lineas":
        from lineas.methods import recipe_for

        usual = recipe_for(method, recipe)
        recipe = replace(usual, steps=recipe.steps) if flags.steps else usual
        _train_baseline(method, model, source, target, recipe, sites, seed, out, terminal)
        return

    from lineas.models.sites import find_sites
    from lineas.storage import RunSpec, RunStore

    if sites != "default":
        find_sites(model.network, sites)  # raises for a wrong pattern, before a run exists
    concepts = library()
    with concepts.naming():
        name = concepts.unique_name(out.stem)
        spec = RunSpec(name, tuple(source), tuple(target), model.id, recipe.name, settings, sites, seed)
        run = RunStore(home()).create(spec)
    _train(run, model, out, flags.check, terminal, launch)


def _resume(flags: argparse.Namespace, terminal: Terminal, launch: Launch) -> None:
    from lineas.storage import RunStore

    if given := [f"--{name.replace('_', '-')}" for name in SETTINGS_OF_A_RUN if getattr(flags, name) is not None]:
        raise WrongUse(f"{', '.join(given)} cannot be changed when a run is resumed; start another one instead")
    out = writable(flags.out) if flags.out else None
    folder = Path(flags.resume).expanduser().absolute()
    store = RunStore(folder.parents[1] if (folder / "run.json").is_file() else home())
    run = store.get(folder.name)
    model = load(flags.model or run.record.model, terminal, flags.quantize, launch.device)
    _train(store.resume(run.id), model, out or run.map_path, flags.check, terminal, launch)


def _follow(flags: argparse.Namespace, terminal: Terminal, launch: Launch) -> None:
    """Do this process's share of the training whose run the first process keeps. That one alone writes and prints."""
    from lineas.service.training_job import follow_training
    from lineas.storage.runs import Run
    from lineas.training.distributed import process_group, tell

    model = None if flags.resume else load(flags.model or "default", terminal, flags.quantize, launch.device)
    with process_group(launch) as group:
        assert group is not None
        run = Run(Path(tell("", group)))
        follow_training(
            run, model or load(flags.model or run.record.model, terminal, flags.quantize, launch.device), group
        )


def _warn(
    source: Sequence[str], target: Sequence[str], model: "LoadedModel", recipe: Recipe, terminal: Terminal
) -> None:
    from lineas.data import check_examples

    for finding in check_examples(source, target, tokenizer=model.tokenizer, max_tokens=recipe.max_tokens):
        terminal.message(f"Note: {finding.message}")


def _train(run: "Run", model: "LoadedModel", out: Path, check: bool, terminal: Terminal, launch: Launch) -> None:
    """Train a claimed run, check its health, and copy its map to ``out``."""
    from lineas.service.training_job import run_training
    from lineas.training.distributed import process_group, tell

    resume = f"lineas train --resume {run.id}" + ("" if out == run.map_path else f" --out {shlex.quote(str(out))}")
    shared = f", shared by {launch.size} processes" if launch.size > 1 else ""
    terminal.message(f"Run {run.id} on the model {model.id!r}{shared}.")
    with process_group(launch) as group, _Reporter(terminal) as report:
        if group is not None:
            tell(str(run.folder), group)
        try:
            record = run_training(run, model, on_event=report, group=group)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"Stopped. To continue from the last checkpoint:\n  {resume}") from None
        if report.done is None or record.state != "done":
            raise LineasError(f"{record.error} (Log: {run.log_path}. To try again: {resume})")
    _copy_map(run, out)
    verdict = _check_health(run, model, terminal) if check else ""
    if verdict:
        _copy_map(run, out)
    report.print_result(report.done, out, verdict)


def _copy_map(run: "Run", out: Path) -> None:
    if out != run.map_path:
        try:
            atomic_write(out, run.map_path.read_bytes())
        except LineasError as error:
            raise LineasError(f"{error} The map itself is safe: {run.map_path}") from error


def _check_health(run: "Run", model: "LoadedModel", terminal: Terminal) -> str:
    """Add the health card to the run's map, and return the verdict as a sentence; empty if there is none."""
    from lineas.evaluation.health_card import HealthCard
    from lineas.service.health_job import check_health

    with terminal.progress() as progress:
        try:
            card = check_health(
                run, model, on_event=lambda e: None if isinstance(e, HealthCard) else progress(e.sentence, e.fraction)
            )
        except KeyboardInterrupt:
            terminal.message("The health check was stopped; the map is complete.")
            return ""
    if card is None:
        terminal.message(f"The health check failed; {run.log_path} says why. The map is complete.")
        return ""
    terminal.event(
        event="health", verdict=card.title, reason=card.reason, recommended_strength=card.recommended_strength
    )
    return f"Verdict: {card.title}. {card.reason} Recommended strength: {card.recommended_strength:g}."


def _train_baseline(
    method: str,
    model: "LoadedModel",
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe,
    sites: str,
    seed: int,
    out: Path,
    terminal: Terminal,
) -> None:
    """Train with another method. No run is kept, because there is nothing to resume."""
    from lineas.methods import train_with

    with _Reporter(terminal) as report:
        for event in train_with(method, model, source, target, recipe, sites=sites, seed=seed, name=out.stem):
            report(event)
    assert report.done is not None  # the last event of every method
    report.done.map.save(out)
    report.print_result(report.done, out)


class _Reporter:
    """Shows a trainer's events: JSON lines for programs, a bar for people."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.done: Done | None = None

    def __enter__(self) -> "_Reporter":
        self.bar = self.terminal.bar(desc="reading", unit="step")
        return self

    def __exit__(self, *failure: object) -> None:
        self.bar.close()

    def __call__(self, event: "Event") -> None:
        from lineas.training.events import Done, Reading, Started, Step

        match event:
            case Reading():
                self.bar.set_description(f"reading {event.done} of {event.of}")
            case Started():
                self.bar.reset(total=event.of)
                self.bar.set_description("training")
                self.bar.update(event.first)
            case Step():
                self.terminal.event(
                    event="step", step=event.step, of=event.of, loss=event.loss, elapsed=round(event.elapsed, 3)
                )
                self.bar.set_postfix(distance=f"{event.distance:.4g}", refresh=False)
                self.bar.update(event.step - self.bar.n)
            case Done():
                self.done = event

    def print_result(self, done: "Done", out: Path, verdict: str = "") -> None:
        data = {
            "event": "done",
            "map": str(out),
            "loss_start": done.loss_start,
            "loss_end": done.loss_end,
            "seconds": round(done.seconds, 3),
            "steps": done.steps,
        }
        self.terminal.result(
            data,
            f"{done.message} The distance to the concept went from {done.loss_start:.4g} to {done.loss_end:.4g} "
            f"in {done.seconds:.0f} s.{verdict and chr(10)}{verdict}\nThe map is {out}. Try it:\n  {try_it(out)}",
        )
