"""The settings of a run, and its record on disk (``run.json``)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_type_hints

from lineas.errors import short

State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted"]
STATES: tuple[str, ...] = get_args(State)
ACTIVE = ("queued", "running")
"""States in which a living process holds the run's lock."""
RESUMABLE = ("interrupted", "cancelled", "failed")
FORMAT_VERSION = 1


@dataclass(frozen=True)
class RunSpec:
    """Settings of a training run.

    Attributes:
        name: name of the concept.
        source, target: example sentences, unpaired.
        model: as ``load_model`` takes it: "default", a Hugging Face id, a folder or a .gguf file.
        recipe: a name in ``lineas.training.recipes.RECIPES``.
        settings: changes to the recipe, as ``lineas.training.recipes.recipe_named`` takes them: ``{"steps": 60}``.
        sites: name of a site set, or a regular expression.
        preview: question that the model is asked several times during training; empty for none.
        instruction: the concept in words, for the map's metadata; empty for none.
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
    instruction: str = ""


@dataclass(frozen=True)
class RunRecord:
    """Content of ``run.json``. Times are ISO 8601 in UTC, durations are seconds.

    Attributes:
        fingerprint: the model's; empty until training starts.
        seconds: time spent in training, over all resumptions.
        message: how training ended, in the trainer's words.
        error: why it failed, for the user.
        note: the user's own words about the concept.
    """

    id: str
    name: str
    state: State
    created: str
    model: str = "default"
    fingerprint: str = ""
    recipe: str = "quick"
    settings: Mapping[str, Any] = field(default_factory=dict)
    sites: str = "default"
    seed: int = 0
    preview: str = ""
    instruction: str = ""
    source_count: int = 0
    target_count: int = 0
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    step: int = 0
    of: int = 0
    distance_start: float | None = None
    distance: float | None = None
    message: str = ""
    error: str = ""
    note: str = ""
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
        """Parse what ``to_json`` wrote, ignoring fields of a later version.

        Raises:
            ValueError: not such a record.
        """
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("not an object")
        known = {name: data[name] for name in _JSON_TYPES if name in data}
        for name, value in known.items():
            if not isinstance(value, _JSON_TYPES[name]) or isinstance(value, bool):
                raise ValueError(f"{name} is {short(value)!r}")
        if known.get("state") not in STATES or not {"name", "created"} <= known.keys():
            raise ValueError(f"state is {short(known.get('state'))!r}")
        return cls(id=run_id, **known)  # the folder's name, whatever the file says

    @classmethod
    def unreadable(cls, run_id: str, reason: str) -> "RunRecord":
        """Make the record that is shown for a run with a damaged ``run.json``."""
        error = f"The notes of this run (run.json) cannot be read: {reason}. Its sentences are still in its folder."
        try:  # the folder's name begins with the time
            created = datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC).isoformat()
        except ValueError:
            created = ""
        return cls(id=run_id, name=run_id, state="failed", created=created, error=error)


_ACCEPTED: dict[Any, tuple[type, ...]] = {
    str: (str,), State: (str,), int: (int,), float: (int, float), float | None: (int, float, type(None)),
    Mapping[str, Any]: (dict,), Mapping[str, str]: (dict,),
}  # fmt: skip
_JSON_TYPES = {name: _ACCEPTED[kind] for name, kind in get_type_hints(RunRecord).items() if name != "id"}
"""Types of the JSON values of each field."""
