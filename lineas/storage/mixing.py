"""One map from several, applied one after the other."""

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from lineas.errors import LineasError, short

if TYPE_CHECKING:  # a list of concepts does not need torch
    from lineas.steering.map import SteeringMap


def mixed(parts: "Sequence[tuple[SteeringMap, float]]") -> "SteeringMap":
    """Apply at least one map, each at its strength, in this order.

    Raises:
        LineasError: maps for different models.
    """
    first = parts[0][0]
    for other, _ in parts[1:]:
        if not _same_model(first, other):
            made = f"{_model_of(first)!r} and {_model_of(other)!r}"
            raise LineasError(
                f"{short(first.name)!r} and {short(other.name)!r} cannot be mixed: they were made for different models "
                f"({made}). Mix concepts that were taught on the same model."
            )
    return reduce(lambda one, then: one.then(then), (one.at_strength(strength) for one, strength in parts))


def _model_of(steering_map: "SteeringMap") -> str:
    return short(steering_map.metadata.get("base_model", "an unknown model"))


def _same_model(a: "SteeringMap", b: "SteeringMap") -> bool:
    """Whether both maps fit one model: by its structure where both know it, else by the sites that they share."""
    structures = [one.metadata.get("base_model_fingerprint", "").partition(":")[0] for one in (a, b)]
    if all(structures):
        return structures[0] == structures[1]
    return not (a.sites and b.sites) or bool(set(a.sites) & set(b.sites))
