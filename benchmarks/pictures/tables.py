"""The tables of the picture benchmark, from its stored rows."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.report import table
from lineas.pictures.baselines import METHODS

Rows = Sequence[Mapping[str, object]]
STRENGTHS = (0.0, 0.5, 1.0, 1.5)
CONCEPTS = {
    "night": {"time": "night"},
    "snow": {"weather": "snow"},
    "autumn": {"weather": "autumn"},
    "golden": {"time": "sunset"},
    "pencil": {"style": "pencil"},
    "foggy": {"weather": "fog"},
}
RIVALS = (*METHODS, "prompt", "negative prompt")
DRAWS = 1000
"""Resamples behind an interval."""
FURTHER = {
    "pixels": "pixel distance to what the words draw",
    "clip_concept": "CLIP: the concept's words",
    "clip_caption": "CLIP: the caption",
}
"""Measures that not all stored rows have, and their headings."""


def results_table(rows: Rows) -> str:
    head = ("method", "strength", "added: present, %", "thing kept", "colour kept", "place kept", "removed: still present, %",
            "thing kept ", "colour kept ", "place kept ")  # fmt: skip
    lines = []
    for method in RIVALS:
        for strength in STRENGTHS:
            cells = [_cells(rows, method, strength, direction) for direction in ("add", "remove")]
            if any(cells):
                cells = [cell or ["–"] * 4 for cell in cells]
                lines.append((method, f"{strength:g}", *cells[0], *cells[1]))
    by_concept = [
        (
            concept,
            *(_concept(rows, concept, method, direction) for direction in ("add", "remove") for method in METHODS),
        )
        for concept in CONCEPTS
    ]
    short = [f"{direction}, {method}" for direction in ("added", "removed") for method in METHODS]
    return (
        f"{table(head, lines)}\n\nPresent / thing and colour kept at strength 1, percent:\n\n"
        f"{table(('concept', *short), by_concept)}{''.join(_further(rows, key) for key in FURTHER)}"
    )


def _further(rows: Rows, key: str) -> str:
    """One more measure of the rows that have it: mean and range of the concepts' means; empty if none has it."""
    measured = [row for row in rows if key in row]
    if not measured:
        return ""
    head = ("method", *(f"{direction}, {s:g}" for direction in ("added", "removed") for s in STRENGTHS))
    places = [{"direction": direction, "strength": s} for direction in ("add", "remove") for s in STRENGTHS]
    lines = [
        (method, *(_range(_chosen(measured, method=method, **place), key) for place in places)) for method in RIVALS
    ]
    trainings = len({row["seed"] for row in measured})
    return f"\n\n{FURTHER[key]}, by strength, {trainings} training{'s' * (trainings > 1)} of each map:\n\n{table(head, lines)}"


def _range(rows: Rows, key: str) -> str:
    """Mean over the concepts, and the lowest and highest of theirs."""
    if not rows:
        return "–"
    means = [_mean(_chosen(rows, concept=concept), key) for concept in {row["concept"]: None for row in rows}]
    return f"{np.mean(means):.2f} ({min(means):.2f}–{max(means):.2f})"


def _chosen(rows: Rows, **wanted: object) -> list[Mapping[str, object]]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _cells(rows: Rows, method: str, strength: float, direction: str) -> list[str]:
    chosen = _chosen(rows, method=method, strength=strength, direction=direction)
    return [_with_interval(chosen, key) for key in ("present", "thing", "colour", "place")] if chosen else []


def _with_interval(rows: Rows, key: str) -> str:
    """Mean over concepts and trainings in percent, and its 95 % interval over resampled trainings and pictures."""
    dice = np.random.default_rng(0)
    draws = []
    for concept in {row["concept"]: None for row in rows}:
        trainings = _chosen(rows, concept=concept)
        shares, scenes = (np.array([row.get(name, 16) for row in trainings]) for name in (key, "scenes"))
        picked = dice.integers(len(trainings), size=(DRAWS, len(trainings)))
        draws.append(
            (dice.binomial(scenes[picked].astype(int), shares[picked].astype(float)) / scenes[picked]).mean(1)
        )
    low, high = np.percentile(np.mean(draws, axis=0), [2.5, 97.5])
    return f"{100 * _mean(rows, key):.0f} ({100 * low:.0f}–{100 * high:.0f})"


def _concept(rows: Rows, concept: str, method: str, direction: str) -> str:
    chosen = _chosen(rows, concept=concept, method=method, strength=1.0, direction=direction)
    if not chosen:
        return "–"
    kept = (_mean(chosen, "thing") + _mean(chosen, "colour")) / 2
    return f"{100 * _mean(chosen, 'present'):.0f} / {100 * kept:.0f}"


def _mean(rows: Rows, key: str) -> float:
    return float(np.mean([row[key] for row in rows]))  # type: ignore[arg-type]
