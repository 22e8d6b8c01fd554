"""What every page is built and drawn from: the service, the presets, the running answers, and one moment's state."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.service.pictures import PictureService

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.service.service import StudioService
    from lineas.service.snapshot import Snapshot
    from lineas.storage import Concept, MetricPoint, Preview, RunRecord

Listing = tuple[tuple[str, ...], ...]


class Streams:
    """The answers being written, each with the event that stops it.

    A key is a browser page's session (Compare) or ``stream_key(session, tab)`` for a tab with answers of its own.
    """

    def __init__(self) -> None:
        self._stops: dict[str, threading.Event] = {}

    def begin(self, key: str) -> threading.Event:
        """Register a new answer. It cancels the running answer of the same key."""
        self.stop(key)
        stop = self._stops[key] = threading.Event()
        return stop

    def stop(self, key: str) -> None:
        if running := self._stops.get(key):
            running.set()

    def end(self, key: str, stop: threading.Event) -> bool:
        """Stop and forget an answer. False if a newer one has taken its place, to which the page belongs now."""
        stop.set()
        if self._stops.get(key) is not stop:
            return False
        del self._stops[key]
        return True

    def running(self, key: str) -> bool:
        return key in self._stops

    def busy(self, session: str) -> frozenset[str]:
        """Tabs other than Compare on which this page is being answered."""
        return frozenset(key.split()[1] for key in [*self._stops] if key.startswith(f"{session} "))


def stream_key(session: str, tab: str) -> str:
    """Key in ``Streams`` of a tab that answers independently of Compare."""
    return f"{session} {tab}"


@dataclass(frozen=True)
class Context:
    """What a studio is built around.

    Attributes:
        mcp: language models may use the studio as a tool.
        auth: the studio asks for a sign-in.
        local: only people at this computer can reach the page, so they may name its files.
        restart: ends this process and starts it anew.
    """

    service: StudioService
    presets: Sequence[Preset]
    local: bool = True
    auth: bool = False
    mcp: bool = False
    restart: Callable[[], None] = lambda: None
    streams: Streams = field(default_factory=Streams)
    pictures: PictureService = field(default_factory=PictureService)


@dataclass(frozen=True)
class Seen:
    """What one browser page shows already. It lives in a ``gr.State``, so every page load starts afresh.

    Attributes:
        version: version of the snapshot that is shown; -1 before the first.
        pictures: version of the picture training that is shown (``PictureService.version``).
        listing: names in the lists that are shown (see ``Now.listing``).
        run: id of the run that is shown, which the page's buttons are about; empty for none.
        follows: ids of concepts that the page chooses by itself when they arrive, because it started or continued their training
            or was loaded meanwhile. All events of a page share one set: an event that began earlier and ends later must not undo
            what another one added.
    """

    version: int = -1
    listing: Listing = ()
    run: str = ""
    follows: set[str] = field(default_factory=set)
    pictures: int = -1


@dataclass(frozen=True)
class Now:
    """Everything a page needs to draw itself, taken at one moment.

    Attributes:
        points, previews: steps and preview answers of the snapshot's run.
        log: path and last lines of the log, if that run failed.
        streaming: whether Compare is answering on this browser page.
        busy: other tabs that are answering on it.
        arrived: a concept that the page follows and that is there now, to be chosen for the person.
        chosen: id of the concept chosen on Compare, where known.
    """

    snapshot: Snapshot
    concepts: Sequence[Concept]
    seen: Seen
    runs: Sequence[RunRecord]
    points: Sequence[MetricPoint]
    previews: Sequence[Preview]
    log: tuple[Path, str] | None
    streaming: bool
    busy: frozenset[str]
    arrived: Concept | None
    chosen: str | None

    @property
    def opening(self) -> bool:
        """Whether the page is shown for the first time."""
        return self.seen.version < 0

    def choice(self, first: Concept | None) -> Concept | None:
        """The concept that a list chooses by itself: ``first`` when the page opens, later the one that arrived."""
        return first if self.opening and first else self.arrived

    @property
    def listing(self) -> Listing:
        """Ids, names and states that lists show; changes when a concept is renamed or checked, or a run ends."""
        return (
            *((c.id, c.name, "checked" if c.health else "") for c in self.concepts),
            *((r.id, r.name, r.state) for r in self.runs),
        )
