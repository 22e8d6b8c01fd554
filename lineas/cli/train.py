"""``lineas train``: a map from two files of sentences. The run is kept as the studio keeps its own, and shows up there."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import add_model_flag, library, load, number, read_examples, try_it, whole, writable
from lineas.cli.terminal import Terminal, WrongUse
from lineas.errors import LineasError
from lineas.files import atomic_write, home
from lineas.training.recipes import LARGEST_SEED, RECIPES, Recipe, recipe_named

if TYPE_CHECKING:
    from lineas.models.loaded import LoadedModel
    from lineas.storage import Run
    from lineas.training.events import Done, Event

HELP = "learn a map from two files of sentences"
EXAMPLE = """\
  lineas train --source plain.txt --target pirate.txt --out pirate.safetensors

  plain.txt holds sentences that sound like what the model says now, pirate.txt sentences that sound like what you want;
  one a line, in any order, 16 or more a side. A .csv or .jsonl file with a column "text" will do as well.

  Ctrl-C stops it; it says how to go on later:
  lineas train --resume 20261122-101500-a1b2c3 --out pirate.safetensors"""
# those of lineas.methods, which takes too long to import for a --help (a test compares)
METHODS = (
    "lineas", "prompting", "caa", "caa_middle", "iti_c", "mean_act", "lin_act", "lin_act_clamp", "aura", "reft", "lora",
    "lora_rl",
)  # fmt: skip
OF_A_RUN = ("source", "target", "recipe", "steps", "method", "sparsity", "support", "sites", "seed")
"""What a resumed run has already."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="FILE", help="sentences that sound like what there is")
    parser.add_argument("--target", metavar="FILE", help="sentences that sound like what is wanted")
    parser.add_argument("--out", metavar="MAP", help="the file to write, such as pirate.safetensors")
    add_model_flag(parser, default=None)
    parser.add_argument("--recipe", metavar="NAME", help=f"{', '.join(RECIPES)} (default: quick)")
    parser.add_argument("--steps", type=int, metavar="N", help="steps to make, where not as many as the recipe says")
    parser.add_argument(
        "--method", metavar="NAME", help=f"{', '.join(METHODS)} (default: lineas; the others are its rivals)"
    )
    parser.add_argument(
        "--sparsity",
        type=number(0),
        metavar="G",
        help="above 0: fewer coordinates, and less effect; 0.007 is a beginning",
    )
    parser.add_argument(
        "--support", type=float, metavar="PERCENT", help="move at most so many percent of the coordinates"
    )
    parser.add_argument(
        "--sites",
        metavar="PATTERN",
        help="where to steer: default, paper, norms, attention, mlp, blocks, or a regular expression",
    )
    parser.add_argument(
        "--seed",
        type=whole(0, LARGEST_SEED),
        metavar="S",
        help="the same number gives the same map again (default: 0)",
    )
    parser.add_argument(
        "--check", action=argparse.BooleanOptionalAction, default=True,
        help="afterwards find out what the map does and at which strength to use it (under a minute; default: yes)",
    )  # fmt: skip
    parser.add_argument(
        "--resume", metavar="RUN", help="go on with a run that was stopped: its name as told, or its folder"
    )


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    if flags.resume:
        _resume(flags, terminal)
    else:
        _begin(flags, terminal)


def _begin(flags: argparse.Namespace, terminal: Terminal) -> None:
    missing = [f"--{name}" for name in ("source", "target", "out") if getattr(flags, name) is None]
    if missing:
        raise WrongUse(f"{', '.join(missing)} needed (or --resume RUN)")
    asked = {name: getattr(flags, name) for name in ("steps", "sparsity", "support")}
    settings = {name: value for name, value in asked.items() if value is not None}
    method = flags.method or "lineas"
    if method not in METHODS:
        raise WrongUse(f"There is no method {method!r}. Choose one of {', '.join(METHODS)}.")
    try:
        recipe = recipe_named(flags.recipe or "quick", **settings)
    except LineasError as error:
        raise WrongUse(str(error)) from None
    out = writable(flags.out)
    source, target = read_examples(flags.source, flags.target)
    model = load(flags.model or "default", terminal)
    sites, seed = flags.sites or "default", int(flags.seed or 0)
    _warn(source, target, model, recipe, terminal)
    if method != "lineas":
        from lineas.methods import recipe_for

        recipe = recipe if flags.steps else recipe_for(method, recipe)
        _rival(method, model, source, target, recipe, sites, seed, out, terminal)
        return

    from lineas.models.sites import find_sites
    from lineas.storage import RunSpec, RunStore

    find_sites(model.network, sites)  # a wrong pattern shall leave no failed run behind
    spec = RunSpec(
        library().unique_name(out.stem), tuple(source), tuple(target), model.id, recipe.name, settings, sites, seed
    )
    _teach(RunStore(home()).create(spec), model, out, flags.check, terminal)


def _resume(flags: argparse.Namespace, terminal: Terminal) -> None:
    from lineas.storage import RunStore

    if given := [f"--{name}" for name in OF_A_RUN if getattr(flags, name) is not None]:
        raise WrongUse(f"{', '.join(given)} cannot be changed for a run that is resumed; start another one instead")
    out = writable(flags.out) if flags.out else None
    folder = Path(flags.resume).expanduser().absolute()
    store = RunStore(folder.parents[1] if (folder / "run.json").is_file() else home())
    run = store.get(folder.name)
    model = load(flags.model or run.record.model, terminal)
    _teach(store.resume(run.id), model, out or run.map_path, flags.check, terminal)


def _warn(
    source: Sequence[str], target: Sequence[str], model: "LoadedModel", recipe: Recipe, terminal: Terminal
) -> None:
    from lineas.data import check_examples

    for finding in check_examples(source, target, tokenizer=model.tokenizer, max_tokens=recipe.max_tokens):
        terminal.tell(f"Note: {finding.message}")


def _teach(run: "Run", model: "LoadedModel", out: Path, check: bool, terminal: Terminal) -> None:
    """Works on a claimed run to its end, brings its map to where it is wanted, and has it examined."""
    from lineas.service.training_job import run_training

    go_on = f"lineas train --resume {run.id}" + ("" if out == run.map_path else f" --out {shlex.quote(str(out))}")
    terminal.tell(f"Run {run.id} on the model {model.id!r}.")
    with _Reporter(terminal) as report:
        try:
            record = run_training(run, model, on_event=report)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"Stopped; what was learned is kept. To go on:\n  {go_on}") from None
    if report.done is None or record.state != "done":
        raise LineasError(f"{record.error} (Log: {run.log_path}. To try again: {go_on})")
    _bring(run, out)
    verdict = _check(run, model, terminal) if check else ""
    if verdict:
        _bring(run, out)
    report.end(report.done, out, verdict)


def _bring(run: "Run", out: Path) -> None:
    if out != run.map_path:
        try:
            atomic_write(out, run.map_path.read_bytes())
        except LineasError as error:
            raise LineasError(f"{error} The map itself is safe: {run.map_path}") from error


def _check(run: "Run", model: "LoadedModel", terminal: Terminal) -> str:
    """Puts the health card into the run's map and returns the verdict in words; empty where there is none."""
    from lineas.evaluation.health import HealthProgress
    from lineas.service.health_job import check_health

    with terminal.progress() as progress:
        try:
            card = check_health(
                run,
                model,
                on_event=lambda e: progress(e.sentence, e.fraction) if isinstance(e, HealthProgress) else None,
            )
        except KeyboardInterrupt:
            terminal.tell("The examination was stopped; the map is not harmed.")
            return ""
    if card is None:
        terminal.tell(f"The map could not be examined; {run.log_path} says why.")
        return ""
    terminal.event(
        event="health", verdict=card.title, reason=card.reason, recommended_strength=card.recommended_strength
    )
    return f"Verdict: {card.title}. {card.reason} Recommended strength: {card.recommended_strength:g}."


def _rival(
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
    """A method to compare with: done within seconds, so that there is nothing to resume and no run is kept."""
    from lineas.methods import train_with

    with _Reporter(terminal) as report:
        for event in train_with(method, model, source, target, recipe, sites=sites, seed=seed, name=out.stem):
            report(event)
    done = report.done
    assert done is not None  # every method ends with it
    done.map.save(out)
    report.end(done, out)


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
                self.bar.set_description("learning")
                self.bar.update(event.first)
            case Step():
                self.terminal.event(
                    event="step", step=event.step, of=event.of, loss=event.loss, elapsed=round(event.elapsed, 3)
                )
                self.bar.set_postfix(distance=f"{event.distance:.4g}", refresh=False)
                self.bar.update(event.step - self.bar.n)
            case Done():
                self.done = event

    def end(self, done: "Done", out: Path, verdict: str = "") -> None:
        self.bar.close()
        data: dict[str, Any] = {
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
