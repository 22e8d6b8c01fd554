"""``lineas list``: concepts, picture concepts, models and runs on this computer."""

import argparse
from dataclasses import asdict
from typing import Any

from lineas.cli.flags import library
from lineas.cli.tables import layout
from lineas.cli.terminal import Terminal, WrongUse, printable
from lineas.files import home

HELP = "list concepts, picture concepts, models and runs on this computer"
EXAMPLE = """\
  lineas list
  lineas list concepts pictures
  lineas list runs --json"""
KINDS = ("concepts", "pictures", "models", "runs")
COLUMNS = {
    "concepts": ("name", "kind", "strength", "created", "model"),
    "pictures": ("name", "kind", "words", "created", "model"),
    "models": ("name", "kind", "family", "parameters", "here"),
    "runs": ("id", "name", "state", "step", "of", "model"),
}
MADE = {"preset": "ready-made", "run": "trained", "imported": "imported", "mixed": "mixed"}
MOST_ROWS = 30
"""Rows of each table for people; JSON has them all."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"any of {', '.join(KINDS)} (default: all of them)")


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    if unknown := [kind for kind in flags.kinds if kind not in KINDS]:
        raise WrongUse(f"there is nothing called {unknown[0]!r} to list; choose from {', '.join(KINDS)}")
    readers = {"concepts": _concepts, "pictures": _picture_concepts, "models": _models, "runs": _runs}
    data = {kind: readers[kind]() for kind in KINDS if kind in flags.kinds or not flags.kinds}
    terminal.result(data, "\n\n".join(_table(kind, rows) for kind, rows in data.items()))


def _concepts() -> list[dict[str, Any]]:
    return [
        {
            "name": concept.name, "kind": MADE[concept.kind], "model": concept.base_model,
            "strength": concept.recommended_strength, "created": concept.created[:10], "map": str(concept.path),
        }
        for concept in library().concepts()
    ]  # fmt: skip


def _picture_concepts() -> list[dict[str, Any]]:
    return [
        {
            "name": concept.name, "kind": MADE[concept.kind], "words": concept.instruction, "model": concept.base_model,
            "created": concept.created[:10], "map": str(concept.path),
        }
        for concept in library(pictures=True).concepts()
    ]  # fmt: skip


def _models() -> list[dict[str, Any]]:
    from lineas.models.local import LocalModels

    found = LocalModels(home() / "models").models()
    return [
        asdict(model) | {"path": str(model.path or ""), "here": "yes" if model.path else "not fetched yet"}
        for model in found
    ]


def _runs() -> list[dict[str, Any]]:
    from lineas.storage import RunStore

    return [
        {
            "id": run.id, "name": record.name, "state": record.state, "step": record.step, "of": record.of,
            "model": record.model, "distance": record.distance,
        }
        for run in RunStore(home()).runs()
        for record in (run.record,)
    ]  # fmt: skip


def _table(kind: str, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return f"{kind}: none yet"
    shown = [
        {key: printable(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows
    ]
    more = f"\n… and {len(rows) - MOST_ROWS} older ones (--json lists all)" if len(rows) > MOST_ROWS else ""
    return f"{kind}\n{layout(shown[:MOST_ROWS], COLUMNS[kind])}{more}"
