"""What a run is asked to do, and what is written down about it (``run.json``)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal, get_args

State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted"]
STATES: tuple[str, ...] = get_args(State)
ACTIVE = ("queued", "running")
"""States in which some living process holds the run's lock."""
RESUMABLE = ("interrupted", "cancelled", "failed")

FORMAT_VERSION = 1


@dataclass(frozen=True)
class RunSpec:
    """One training, as it was asked for.

    Attributes:
        name: what the concept is called.
        source, target: example sentences, unpaired.
        model: as ``load_model`` takes it: "default", a Hugging Face id, a folder or a .gguf file.
        recipe: a name in ``lineas.training.recipes.RECIPES``.
        settings: changes to it, as ``lineas.training.recipes.recipe_named`` takes them: ``{"steps": 60, "sparsity": 0.001}``.
        sites: a site set's name or a regular expression.
        preview: what the model is asked several times while it learns; empty: nothing.
    """

    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    model: str = "default"
    recipe: str = "quick"
    settings: Mapping[str, Any] = field(default_factory=dict)
    sites: str = "default"
    seed: int = 0
    preview: str = ""


@dataclass(frozen=True)
class RunRecord:
    """All that ``run.json`` holds; times are ISO 8601 in UTC, durations seconds."""

    id: str
    name: str
    state: State
    created: str
    model: str = "default"
    fingerprint: str = ""  # of the model it was taught on; empty until it started
    recipe: str = "quick"
    settings: Mapping[str, Any] = field(default_factory=dict)
    sites: str = "default"
    seed: int = 0
    preview: str = ""  # what it is asked while it learns
    source_count: int = 0
    target_count: int = 0
    started: str = ""
    ended: str = ""
    seconds: float = 0.0  # spent teaching, over all resumptions
    step: int = 0
    of: int = 0
    distance_start: float | None = None
    distance: float | None = None
    message: str = ""  # how it ended, in the trainer's words
    error: str = ""  # why it failed, for the person
    note: str = ""  # theirs
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def resumable(self) -> bool:
        return self.state in RESUMABLE and bool(self.source_count and self.target_count)

    def to_json(self) -> str:
        return json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, run_id: str, text: str) -> "RunRecord":
        """Reads what ``to_json`` wrote; fields that a later version added are left aside.

        Raises:
            ValueError: where it is no such record.
        """
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("not an object")
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        for name, kinds in _KINDS.items():
            if name in known and (not isinstance(known[name], kinds) or isinstance(known[name], bool)):
                raise ValueError(f"{name} is {known[name]!r}")
        if known.get("state") not in STATES or not {"name", "created"} <= known.keys():
            raise ValueError(f"state is {known.get('state')!r}")
        # the folder's name is the run's id, whatever someone copied into it
        return cls(**{**known, "id": run_id})

    @classmethod
    def unreadable(cls, run_id: str, reason: str) -> "RunRecord":
        """What is shown for a run whose ``run.json`` is damaged."""
        error = f"The notes of this run (run.json) cannot be read: {reason}. Its sentences are still in its folder."
        try:  # the folder's name begins with the time
            created = datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC).isoformat()
        except ValueError:
            created = ""
        return cls(id=run_id, name=run_id, state="failed", created=created, error=error)


_NUMBER, _MAYBE = (int, float), (int, float, type(None))
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(
        (
            "name",
            "state",
            "created",
            "model",
            "fingerprint",
            "recipe",
            "sites",
            "started",
            "ended",
            "message",
            "error",
            "note",
            "preview",
        ),
        str,
    ),
    **dict.fromkeys(("seed", "source_count", "target_count", "step", "of"), int),
    **dict.fromkeys(("settings", "versions"), dict),
    **{"seconds": _NUMBER, "distance": _MAYBE, "distance_start": _MAYBE},
}
