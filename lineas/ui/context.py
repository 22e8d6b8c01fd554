"""What the pages share: the workbench, the presets, and who is being answered right now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.service.service import StudioService
    from lineas.service.snapshot import Snapshot
    from lineas.storage import Concept, MetricPoint, Preview, RunRecord


class Streams:
    """The answers being written, one per place: an open page's session, or ``place(session, "mix")`` for a tab that has
    its own. Each with the event that stops it."""

    def __init__(self) -> None:
        self._stops: dict[str, threading.Event] = {}

    def begin(self, session: str) -> threading.Event:
        """A new answer for this page; the newest wins, so one that still runs is stopped."""
        self.stop(session)
        stop = self._stops[session] = threading.Event()
        return stop

    def stop(self, session: str) -> None:
        if running := self._stops.get(session):
            running.set()

    def end(self, session: str, stop: threading.Event) -> bool:
        """Stop this answer and forget it. False where a newer one took its place: the page is that one's now."""
        stop.set()
        if self._stops.get(session) is not stop:
            return False
        del self._stops[session]
        return True

    def running(self, session: str) -> bool:
        return session in self._stops

    def busy(self, session: str) -> frozenset[str]:
        """The tabs with a place of their own on which this page is being answered."""
        return frozenset(key.split()[1] for key in [*self._stops] if key.startswith(f"{session} "))


def place(session: str, tab: str) -> str:
    """Where a tab that answers independently of Compare has its stream."""
    return f"{session} {tab}"


@dataclass(frozen=True)
class Context:
    """What a studio is built around.

    Attributes:
        mcp: language models may use the studio as a tool.
        auth: it asks for a sign-in.
        local: only people at this computer reach the page, so its files are theirs to name.
        restart: ends this process and starts it anew.
    """

    service: StudioService
    presets: Sequence[Preset]
    local: bool = True
    auth: bool = False
    mcp: bool = False
    restart: Callable[[], None] = lambda: None
    streams: Streams = field(default_factory=Streams)


@dataclass(frozen=True)
class Seen:
    """What one open page has been shown already; lives in a ``gr.State``, so it starts afresh with every page load.

    Attributes:
        run: id of the run that it shows, which its buttons are about; empty for none.
        follows: ids of concepts that it chooses by itself once they are there, since it began or continued their teaching, or
            was loaded meanwhile. One set for all that a page has seen: an event that began before another one and ends after
            it must not take back what that one added.
    """

    version: int = -1
    concepts: tuple[str, ...] = ()
    listing: tuple[tuple[str, ...], ...] = ()
    run: str = ""
    follows: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Now:
    """Everything a page needs to draw itself, taken at one moment."""

    snapshot: Snapshot
    concepts: Sequence[Concept]
    points: Sequence[MetricPoint]
    streaming: bool
    seen: Seen
    runs: Sequence[RunRecord] = ()
    previews: Sequence[Preview] = ()
    log: tuple[Path, str] | None = None
    """Of a run that failed: where its log is, and how it ends."""
    arrived: Concept | None = None
    """One that this page follows, and that is there now: to be chosen for the person."""
    busy: frozenset[str] = frozenset()
    """Tabs other than Compare on which answers are being written."""

    @property
    def listing(self) -> tuple[tuple[str, ...], ...]:
        """What a list of everything shows; unlike the ids of the concepts, it changes with a name and the end of a run."""
        return (*((c.id, c.name) for c in self.concepts), *((r.id, r.name, r.state) for r in self.runs))
