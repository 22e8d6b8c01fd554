"""A steering map in a notebook: a small table and a picture."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class SiteNorms:
    """How much a map moves at one site: Euclidean norms of ω−1 and of b, and the share of coordinates that move."""

    scale: float
    shift: float
    support: float


def html(metadata: Mapping[str, str], norms: Mapping[str, SiteNorms]) -> str:
    """A table of what the map is, beside a bar for each site: how far it moves, √(‖ω−1‖² + ‖b‖²)."""
    rows = {
        "made for": metadata.get("base_model", ""),
        "method": metadata.get("method", ""),
        "distance": _distance(metadata.get("metrics", "")),
        "created": metadata.get("created", "")[:10],
        "sites": str(len(norms)),
    }
    cells = "".join(f"<tr><td>{key}</td><td>{escape(value)}</td></tr>" for key, value in rows.items() if value)
    lengths = {site: math.hypot(norm.scale, norm.shift) for site, norm in norms.items()}
    longest = max(lengths.values(), default=0) or 1
    bars = "".join(
        f'<rect x="{6 * i}" y="{60 - 60 * length / longest:.1f}" width="5" height="{60 * length / longest:.1f}">'
        f"<title>{escape(site)}: {length:.3g}</title></rect>"
        for i, (site, length) in enumerate(lengths.items())
    )
    picture = f'<svg width="{6 * len(lengths)}" height="60" fill="#5b4bd8">{bars}</svg>'
    return (
        f"<b>{escape(metadata.get('name', '') or 'Steering map')}</b>"
        f'<table style="display:inline-block;vertical-align:top"><tbody>{cells}</tbody></table> {picture}'
    )


def _distance(metrics: str) -> str:
    try:
        data = json.loads(metrics)
        return f"{float(data['distance_start']):.3g} → {float(data['distance_end']):.3g}"
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):  # a mix, or a file of another program
        return ""
