"""The items of the page My concepts, and one of them as HTML: pure functions of what the service lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.view_state import RESUMABLE

if TYPE_CHECKING:
    from lineas.storage import Concept, RunRecord


@dataclass(frozen=True)
class Item:
    """A concept, or a run that has not become one.

    Attributes:
        kind: preset, run, imported, mixed or unfinished.
        made: ISO 8601; empty where unknown.
        record: the run that it came from, if that is on this computer.
        health: its health card as JSON; empty if there is none.
    """

    id: str
    name: str
    kind: str
    note: str
    made: str
    model: str
    strength: float = 1.0
    strength_known: bool = False
    mode: str = "show"
    instruction: str = ""
    record: RunRecord | None = None
    has_sentences: bool = True
    health: str = ""

    @property
    def editable(self) -> bool:
        return self.kind != "preset"

    @property
    def usable(self) -> bool:
        return self.kind != "unfinished"

    @property
    def resumable(self) -> bool:
        return not self.usable and self.record is not None and self.record.resumable

    @property
    def label(self) -> str:
        """The name, and in a second line the small print."""
        if self.record is not None and not self.usable:
            small = [ui_text.ended(self.record.state, self.record.step, self.record.of), ui_text.day(self.made)]
        else:
            small = [ui_text.ITEM_KINDS[self.kind], ui_text.day(self.made), ui_text.other_model(self.model)]
        return f"{self.name}\n{' · '.join(filter(None, small))}"


def items(concepts: Iterable[Concept], runs: Iterable[RunRecord]) -> list[Item]:
    """All concepts in the given order, then the runs that ended without one, newest first."""
    records = {f"run:{record.id}": record for record in runs}
    ready = [
        Item(
            c.id, c.name, c.kind, c.note, c.created, c.base_model, c.recommended_strength, c.strength_known, c.mode,
            c.instruction, records.get(c.id), c.has_sentences, c.health,
        )
        for c in concepts
    ]  # fmt: skip
    unfinished = [
        Item(run_id, record.name, "unfinished", record.note, record.created, record.model, record=record)
        for run_id, record in records.items()
        if record.state in RESUMABLE
    ]
    return [*ready, *unfinished]


def find(items: Iterable[Item], item_id: str | None) -> Item | None:
    return next((item for item in items if item.id == item_id), None)


def choices(items: Iterable[Item], *, usable: bool) -> list[tuple[str, str]]:
    """(label, id) for one of the two lists."""
    return [(item.label, item.id) for item in items if item.usable == usable]


def neighbour(items: Sequence[Item], item_id: str) -> str | None:
    """The id to choose when ``item_id`` is deleted: the next one of its list, else the one before, else any other."""
    gone = find(items, item_id)
    listed = [item.id for item in items if gone is not None and item.usable == gone.usable]
    if item_id not in listed or len(listed) < 2:
        return next((item.id for item in items if item.id != item_id), None)
    place = listed.index(item_id)
    return listed[place + 1] if place + 1 < len(listed) else listed[place - 1]


def about(item: Item | None) -> str:
    """One item with its facts."""
    if item is None:
        return html.hint(ui_text.CONCEPTS_NOTHING)
    reason = ""
    if item.record is not None and not item.usable:
        sentence = ui_text.why_unfinished(item.record.state, item.record.error)
        reason = html.alert(sentence) if item.record.state == "failed" else html.notice(sentence)
    head = html.item_head(item.name, ui_text.ITEM_KINDS[item.kind], item.kind)
    return f'<div class="ls-about">{head}{reason}{html.facts(_facts(item))}</div>'


def _facts(item: Item) -> list[tuple[str, str]]:
    record = item.record
    rows = [
        (ui_text.FACT_MODEL, ui_text.model(item.model) if item.model else ""),
        (ui_text.FACT_MADE if item.usable else ui_text.FACT_BEGUN, ui_text.day(item.made, time=True)),
    ]
    if item.strength_known:
        rows.append((ui_text.FACT_STRENGTH, ui_text.number(item.strength)))
    if record is None:
        return rows
    rows.append(
        (ui_text.FACT_SENTENCES, ui_text.BOTH_SIDES.format(source=record.source_count, target=record.target_count))
    )
    if record.seconds:
        rows.append((ui_text.FACT_TIME, ui_text.duration(record.seconds)))
    if record.distance_start is not None and record.distance is not None:
        rows.append((ui_text.FACT_DISTANCE, ui_text.distances(record.distance_start, record.distance)))
    return rows
