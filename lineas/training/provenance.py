"""A map's metadata: what made it, on which model, from which sentences."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lineas.errors import LineasError
from lineas.steering.hooks import HasSites
from lineas.version import __version__

FEWEST_EXAMPLES = 4


def refuse_too_few(source: Sequence[str], target: Sequence[str]) -> None:
    """Raise LineasError where a side has fewer than 4 sentences."""
    for side, sentences in (("source", source), ("target", target)):
        if len(sentences) < FEWEST_EXAMPLES:
            raise LineasError(
                f"The {side} side has {len(sentences)} sentences; at least {FEWEST_EXAMPLES} are needed. Add more."
            )


def provenance(
    model: HasSites,
    name: str,
    method: str,
    settings: Mapping[str, Any],
    source: Sequence[str],
    target: Sequence[str],
    metrics: Mapping[str, Any],
) -> dict[str, str]:
    """The metadata of a map file that was just trained; all values are strings, structured ones JSON."""
    examples = {"source": len(source), "target": len(target), "sha256": examples_hash(source, target)}
    return {
        "name": name,
        "description": "",
        "base_model": model.id,
        "base_model_fingerprint": model.fingerprint,
        "method": method,
        "recipe": json.dumps(settings),
        "examples": json.dumps(examples),
        "metrics": json.dumps(metrics),
        "recommended_strength": "1.0",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "lineas_version": __version__,
    }


def examples_hash(source: Sequence[str], target: Sequence[str]) -> str:
    """A short text that tells two pairs of example lists apart."""
    return hashlib.sha256(json.dumps([list(source), list(target)]).encode()).hexdigest()[:16]
