"""JSON that any program may have written, read as the dataclass that it should be."""

import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints


def typed(value: Any, kind: Any, names: Mapping[str, Any] | None = None) -> Any:
    """A JSON value as the type that a field has; null is NaN for a number.

    Args:
        kind: a dataclass, str, int, float, bool, or a tuple, mapping, Literal or optional of these.
        names: types by name that the dataclass's module knows to type checkers only.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, OverflowError: it is of another type.
    """
    of = get_args(kind)
    if is_dataclass(kind):
        kinds = get_type_hints(kind, localns=dict(names or {}))
        return kind(**{name: typed(part, kinds[name], names) for name, part in value.items()})  # type: ignore[operator]
    if get_origin(kind) is UnionType:
        return None if value is None else typed(value, of[0], names)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(typed(part, of[0], names) for part in value)
    if get_origin(kind) is Mapping:
        return {typed(name, of[0], names): typed(part, of[1], names) for name, part in value.items()}
    if get_origin(kind) is Literal and value in of:
        return value
    if kind is float and (value is None or type(value) in (int, float)):
        return math.nan if value is None else float(value)
    if kind in (int, bool) and type(value) is kind:
        return value
    if kind is str and isinstance(value, str):
        value.encode()  # half a surrogate cannot be shown
        return value
    raise ValueError(f"{str(value)[:60]!r} is no {kind}")
