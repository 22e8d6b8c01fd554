"""``lineas train --jobs``: many concepts, one after another, or spread over the processes of torchrun."""

import argparse
import copy
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lineas.cli.flags import load
from lineas.cli.terminal import Terminal, WrongUse
from lineas.errors import LineasError, describe
from lineas.files import as_path, home, make_folder
from lineas.training.launch import Launch

if TYPE_CHECKING:
    from lineas.models.loaded import LoadedModel

FILES = ("source", "target", "out")
SETTINGS = ("recipe", "steps", "method", "sparsity", "support", "sites", "seed")
COLUMNS = ("column", "source_column", "target_column")
KEYS = (*FILES, *COLUMNS, *SETTINGS)
"""Flags of ``lineas train`` that a job may have, as keys of its table."""

Start = Callable[[argparse.Namespace, Terminal, Launch, "LoadedModel | None"], None]


def run_jobs(
    flags: argparse.Namespace,
    terminal: Terminal,
    launch: Launch,
    add_flags: Callable[[argparse.ArgumentParser], None],
    start: Start,
) -> None:
    """Train the jobs of a list, each process its share; a job that fails does not keep the others from being trained.

    Args:
        add_flags: adds the flags of ``lineas train`` to a parser.
        start: trains with such flags.

    Raises:
        WrongUse: a list that cannot be understood, before any job begins.
        LineasError: at the end, if a job has failed.
    """
    if given := [f"--{name}" for name in ("source", "target", "resume") if getattr(flags, name) is not None]:
        raise WrongUse(f"{', '.join(given)} cannot be given with --jobs, whose list names the files")
    path = as_path(flags.jobs)
    if flags.out is not None and not path.is_dir():
        raise WrongUse('--out is for a folder of pairs; in a list, each job has its own "out"')
    tables = _pairs(path, flags.out) if path.is_dir() else _tables(path)
    jobs = [
        _job(flags, add_flags, table, f"job {number} of {flags.jobs!r}")
        for number, table in enumerate(tables, start=1)
    ]
    outs = [job.out for job in jobs]
    if twice := next((out for out in outs if outs.count(out) > 1), None):
        raise WrongUse(f"two jobs of {flags.jobs!r} write the same map, {twice}")
    make_folder(home())
    failed = _train_share(launch.share(jobs), flags, terminal, launch, start)

    from lineas.training.distributed import count, process_group

    with process_group(launch, "gloo") as group:  # whoever ends with an error ends the others, so all are waited for
        everywhere = count(len(failed), group)
    if failed or (everywhere and launch.rank == 0):
        own = f" Those of this process: {', '.join(failed)}." if failed else ""
        raise LineasError(f"{everywhere} of {len(jobs)} jobs failed; the reasons stand above.{own}")


def _train_share(
    jobs: Sequence[argparse.Namespace], flags: argparse.Namespace, terminal: Terminal, launch: Launch, start: Start
) -> list[str]:
    """Train one job after the other, on one model, and return the names of those that failed."""
    if not jobs:
        return []
    model = load(flags.model or "default", terminal, flags.quantize, launch.device)
    failed = []
    for job in jobs:
        own = _JobTerminal(terminal.json, Path(job.out).stem)
        try:
            start(job, own, Launch(), model)
        except (LineasError, WrongUse, OSError, MemoryError) as error:
            failed.append(own.job)
            reason = str(error) if isinstance(error, WrongUse) else describe(error)
            own.event(event="failed", reason=reason)
            own.message(reason)
    return failed


class _JobTerminal(Terminal):
    """A terminal that says which job its lines belong to."""

    def __init__(self, json: bool, job: str) -> None:
        super().__init__(json)
        self.job = job

    def result(self, data: dict[str, Any], text: str) -> None:
        super().result({"job": self.job, **data}, f"{self.job}: {text}")

    def event(self, **data: Any) -> None:
        super().event(job=self.job, **data)

    def message(self, sentence: str) -> None:
        super().message(f"{self.job}: {sentence}")


def _tables(path: Path) -> list[dict[str, Any]]:
    """Read the jobs of a .toml file; their files stand beside it."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except (OSError, ValueError) as error:
        reason = describe(error) if isinstance(error, OSError) else str(error)
        raise LineasError(f"The list of jobs {str(path)!r} cannot be read: {reason}") from None
    tables = content.get("job")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise WrongUse(f'{path} has no [[job]] table. Write one for each map: source = "…", target = "…", out = "…"')
    return [
        table | {name: str(path.parent / as_path(table[name])) for name in FILES if isinstance(table.get(name), str)}
        for table in tables
    ]


def _pairs(folder: Path, out: str | None) -> list[dict[str, Any]]:
    """Find the pairs of files of a folder; their maps go to ``out``, or beside them."""
    sources = {path.name.split(".source.")[0]: path for path in folder.glob("*.source.*")}
    targets = {path.name.split(".target.")[0]: path for path in folder.glob("*.target.*")}
    if alone := sorted(sources.keys() ^ targets.keys()):
        raise WrongUse(f"{folder} has only one side of {', '.join(alone)}: NAME.source.txt needs NAME.target.txt")
    if not sources:
        raise WrongUse(f"{folder} holds no pair of files NAME.source.txt and NAME.target.txt")
    maps = as_path(out) if out else folder
    return [
        {"source": str(sources[name]), "target": str(targets[name]), "out": str(maps / f"{name}.safetensors")}
        for name in sorted(sources)
    ]


class _Parser(argparse.ArgumentParser):
    """A parser of the words of one job."""

    def error(self, message: str) -> NoReturn:
        raise WrongUse(f"{self.prog}: {message}")


def _job(
    flags: argparse.Namespace,
    add_flags: Callable[[argparse.ArgumentParser], None],
    table: dict[str, Any],
    called: str,
) -> argparse.Namespace:
    """The flags of one job: those of the command, and over them those of its table."""
    if unknown := sorted(table.keys() - set(KEYS)):
        raise WrongUse(f"{called} has {', '.join(unknown)}; a job may have {', '.join(KEYS)}")
    if missing := [name for name in FILES if name not in table]:
        raise WrongUse(f"{called} lacks {', '.join(missing)}")
    parser = _Parser(called, add_help=False)
    add_flags(parser)
    return parser.parse_args(
        [f"--{name.replace('_', '-')}={value}" for name, value in table.items()], copy.copy(flags)
    )
