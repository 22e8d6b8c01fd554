"""Mutations of bytes and of JSON values."""

import json
import random
import struct
from copy import deepcopy
from typing import Any

NUMBERS = (
    0,
    1,
    -1,
    2,
    255,
    2**31,
    2**32 - 1,
    2**62,
    2**63,
    2**64,
    -(2**63),
    10**400,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
)
TEXTS = (
    "", " ", "\x00", "a.²", "①", "9" * 5000, "a" * 100_000, "[" * 100_000, "[" * 900 + "]" * 900, "{" * 5000,
    '{"a":' * 2000, "\ud800", "\u202eabc",
    "İ", "ß" * 99,
    "../../etc/passwd", "C:\\con", "<script>alert(1)</script>", "${x}{{y}}", "%s%n{0}", "😀\u200d😀",
    "true", "null", "nan", "1e999", "-1",
    "model.layers.0.norm", "a.scale", ".scale", "scale", "__metadata__",
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, [[[[[1]]]]], *NUMBERS, *TEXTS)


def mutate_bytes(draw: random.Random, data: bytes, most: int = 4, within: int | None = None) -> bytes:
    """Change some bytes, cut, repeat, insert or move.

    Args:
        within: number of bytes at the beginning in which most changes are made; None: all.
    """
    content = bytearray(data)
    for _ in range(draw.randint(1, most)):
        reach = min(len(content), within or len(content)) if draw.random() < 0.8 else len(content)
        at = draw.randrange(reach + 1) if reach else 0
        match draw.randrange(7):
            case 0:
                content[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                content[at : at + 8] = struct.pack(
                    "<Q", draw.choice([0, 1, 2**31, 2**40, 2**62, 2**64 - 1, draw.randrange(1000)])
                )
            case 2:
                content[at : at + 4] = struct.pack("<I", draw.choice([0, 1, 8, 9, 12, 2**16, 2**31, 2**32 - 1]))
            case 3:
                del content[at : at + draw.randint(1, 64)]
            case 4:
                content[at:at] = bytes(draw.randrange(256) for _ in range(draw.randint(1, 16)))
            case 5:
                piece = content[at : at + draw.randint(1, 64)]
                content[at:at] = piece * draw.choice([1, 2, 100])
            case _:
                if draw.random() < 0.3:
                    del content[at:]
                elif content:
                    content[at : at + 1] = bytes([content[min(at, len(content) - 1)] ^ (1 << draw.randrange(8))])
    return bytes(content)


def mutate_value(draw: random.Random, value: Any, most: int = 3) -> Any:
    """Change some places of a JSON value, which itself stays as it is."""
    value = json.loads(json.dumps(value))
    for _ in range(draw.randint(1, most)):
        value = _mutate_once(draw, value)
    return value


def _mutate_once(draw: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(list(value))
        match draw.randrange(8):
            case 0:
                del value[key]
            case 1:
                value[draw.choice(TEXTS)] = value.pop(key)
            case 2:
                value[draw.choice(TEXTS)] = deepcopy(draw.choice(VALUES))
            case _:
                value[key] = _mutate_once(draw, value[key])
        return value
    if isinstance(value, list) and value and draw.random() < 0.9:
        at = draw.randrange(len(value))
        match draw.randrange(6):
            case 0:
                del value[at]
            case 1:
                value.extend(value * draw.choice([1, 50]))
            case _:
                value[at] = _mutate_once(draw, value[at])
        return value
    return deepcopy(draw.choice(VALUES))


def dumps(value: Any) -> bytes:
    """Write JSON as loosely as Python can: NaN, huge numbers and half surrogates included."""
    return json.dumps(value).encode("utf-8", "surrogatepass")
