"""A concept as lists show it: what the header of its map file says."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lineas.errors import LineasError, short
from lineas.storage.carried import KEY
from lineas.storage.names import clean_name, clean_text

if TYPE_CHECKING:  # a list of concepts does not need torch
    from lineas.steering.map import SteeringMap

Kind = Literal["preset", "run", "imported", "mixed"]
MODES = ("show", "say", "both")
"""How a concept can reach the model, as ``lineas.generation.prompts.Mode`` names it."""


@dataclass(frozen=True)
class Concept:
    """A map with a name.

    Attributes:
        id: "preset:pirate", "run:<run id>" or "map:<file stem>"; renaming does not change it.
        recommended_strength: λ at which the concept works best, if that was measured, else 1.
        created: ISO 8601, empty if unknown.
        base_model: id of the model that it was made for.
        note: the user's own words about it (the map's description).
        health: its health card as JSON; empty if there is none.
        instruction: the concept as an instruction to the model; empty if there is none.
        has_sentences: whether its examples are on this computer.
        mode: the advised way to use it, one of ``MODES``; always "show" without an instruction.
    """

    id: str
    name: str
    kind: Kind
    path: Path
    recommended_strength: float = 1.0
    created: str = ""
    base_model: str = ""
    note: str = ""
    health: str = ""
    instruction: str = ""
    mode: str = "show"
    has_sentences: bool = False

    @property
    def strength_known(self) -> bool:
        """Return whether the recommended strength was measured; 1 is also the default."""
        return bool(self.health) or self.recommended_strength != 1

    def strength_for(self, mode: str) -> float:
        """The advised λ where the concept is shown or both shown and said; where that was not measured, the recommended one."""
        # any program may have written the card
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            strength = float(json.loads(self.health)["strengths"][mode])
            if strength > 0:  # nor NaN
                return min(strength, 2.0)
        return self.recommended_strength


def from_header(concept_id: str, kind: Kind, path: Path, header: Mapping[str, str]) -> Concept:
    """Make the concept of a map file from the file's metadata, which any program may have written."""
    try:
        strength = min(max(float(header.get("recommended_strength", "1")), 0.0), 2.0)
    except ValueError:
        strength = 1.0
    instruction, mode = clean_text(header.get("instruction", "")), header.get("mode", "")
    return Concept(
        id=concept_id,
        name=clean_name(header.get("name", ""), otherwise=path.stem),
        kind=kind,
        path=path,
        recommended_strength=strength if strength > 0 else 1.0,  # NaN too
        created=header.get("created", ""),
        base_model=header.get("base_model", ""),
        note=header.get("description", ""),
        health=header.get("health", ""),
        instruction=instruction,
        mode=mode if mode in MODES and instruction else "show",
        has_sentences=kind in ("preset", "run") or bool(header.get(KEY)),
    )


def refuse_other_kind(steering_map: "SteeringMap", for_pictures: bool) -> None:
    """Raise LineasError for a map that steers a model that draws where text is wanted, or the other way round."""
    if steering_map.for_pictures != for_pictures:
        kind, page = ("text", "My concepts") if for_pictures else ("pictures", "Pictures")
        raise LineasError(
            f"{short(steering_map.name or 'This')!r} is a concept for {kind}: add it on the page {page}. Nothing was changed."
        )
