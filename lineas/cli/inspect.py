"""``lineas inspect``: what a map contains, and how it was made."""

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineas.cli.flags import MAP, load_map
from lineas.cli.terminal import Terminal, printable

if TYPE_CHECKING:
    from lineas.steering.map import SteeringMap

HELP = "show what a map contains: sites, support, norms, provenance"
EXAMPLE = "  lineas inspect pirate.safetensors"
IN_JSON = ("recipe", "examples", "metrics", "health", "sentences")


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("map", help=MAP)
    parser.add_argument("--out", type=Path, metavar="FILE",
        help="draw every site into a .html or .png file: your first list, where the map takes it, and the second list")  # fmt: skip


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    from lineas.export.layer_pictures import save

    steering_map = load_map(flags.map)
    if flags.out is not None:
        save(steering_map, flags.out)
        terminal.message(f"Wrote {flags.out}.")
    sites = [
        {
            "site": site,
            "width": steering_map.widths[site],
            "support": norms.support,
            "scale_norm": norms.scale,
            "shift_norm": norms.shift,
        }
        for site, norms in steering_map.norms().items()
    ]
    origin = provenance(steering_map)
    data = {
        "name": steering_map.name,
        "support": steering_map.support(),
        "health": origin.pop("health", None) or None,
        "provenance": origin,
        "sites": sites,
    }
    terminal.result(data, _text(data))


def provenance(steering_map: "SteeringMap") -> dict[str, Any]:
    """A map's metadata, with its JSON values parsed, without what is drawn by --out."""
    metadata = {key: text for key, text in steering_map.metadata.items() if key != "planes"}
    return {key: _read(text) if key in IN_JSON else text for key, text in metadata.items()}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # another program's metadata
        return text


def _text(data: dict[str, Any]) -> str:
    origin = data["provenance"]
    count = sum(site["width"] for site in data["sites"])
    advised = _advised(origin.get("recommended_strength", "1"), bool(data["health"]))
    told = ", with its instruction (--mode both)" if origin.get("mode") == "both" else ""
    facts = {
        "name": data["name"],
        "description": origin.get("description"),
        "made for": origin.get("base_model"),
        "method": origin.get("method"),
        "recipe": _pairs(origin.get("recipe")),
        "examples": _pairs(origin.get("examples")),
        "metrics": _pairs(origin.get("metrics")),
        "strength": advised and f"{advised} recommended{told}",
        "created": " with LinEAS ".join(filter(None, (origin.get("created"), origin.get("lineas_version")))),
        "moves": f"{data['support']:.1%} of {count:,} coordinates at {len(data['sites'])} sites",
    }
    lines = [f"{name:<12} {printable(str(fact))}" for name, fact in facts.items() if fact]
    lines += _health(data["health"])
    distances = _distances(origin.get("metrics"))
    rows = [("site", "width", "support", "|scale - 1|", "|shift|", *(["distance", "with it"] if distances else []))]
    for site in data["sites"]:
        norms = f"{site['scale_norm']:.4f}", f"{site['shift_norm']:.4f}"
        pair = [_short(value) for value in distances.get(site["site"], ("", ""))] if distances else []
        rows.append((printable(site["site"]), str(site["width"]), f"{site['support']:.1%}", *norms, *pair))
    longest = max(len(row[0]) for row in rows)
    lines += ["", *(f"{row[0]:<{longest}}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows)]
    return "\n".join(lines)


def _advised(strength: str, examined: bool) -> str:
    """The recommended strength; empty where nobody examined the map, since every new one says 1."""
    return strength if examined or strength not in ("1", "1.0") else ""


def _health(text: Any) -> list[str]:
    """The health card in a few lines; empty if there is none, or if its format is unknown."""
    from lineas.evaluation.health_card import HealthCard

    try:
        card = HealthCard.from_json(json.dumps(text))
    except (ValueError, RecursionError):
        return []
    facts = {"verdict": f"{card.title}. {card.reason}"}
    plain, steered, instructed = (card.answers_of(who) for who in ("plain", "steered", "instruction"))
    if plain and plain.score and steered and steered.score and steered.gain:
        facts["effect"] = (
            f"the judge hears {plain.score.mean:.0%} plain, {steered.score.mean:.0%} at strength {steered.strength:g} "
            f"(gain {steered.gain.low:+.0%} to {steered.gain.high:+.0%})"
            + (f", {instructed.score.mean:.0%} with an instruction" if instructed and instructed.score else "")
        )
    if plain and steered:
        facts["keeps to"] = (
            f"the question, by {plain.relevance.mean:.2f} nats a token plain, {steered.relevance.mean:.2f} steered"
        )
    if math.isfinite(card.damage):
        facts["cost"] = f"Wikipedia {card.damage:+.2f}, target {-card.gain:+.2f} nats a token"
    for name, rising in (("more", True), ("less", False)):
        facts[f"{name} words"] = ", ".join(word.word for word in card.words if (word.z > 0) == rising)
    facts["check these"] = " | ".join(card.wrong_way)
    return [f"{name:<12} {printable(fact)}" for name, fact in facts.items() if fact]


def _distances(metrics: Any) -> dict[str, list[float]]:
    """The distance of each site, plain and steered; empty if the metrics lack them."""
    sites = metrics.get("sites") if isinstance(metrics, Mapping) else None
    numbers = sites.items() if isinstance(sites, Mapping) else ()
    return {s: pair for s, pair in numbers if isinstance(pair, list) and [*map(type, pair)] == [float, float]}


def _pairs(value: Any) -> str:
    """A JSON object as "key value" pairs: flattened, with short numbers."""
    if not isinstance(value, Mapping):
        return str(value or "")
    return ", ".join(
        _pairs(v) if isinstance(v, Mapping) else f"{key} {_short(v)}"
        for key, v in value.items()
        if v is not None and key != "sites"  # those are in the table
    )


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
