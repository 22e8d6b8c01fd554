"""The card of a map that is given away: what it is, how to use it, what it does to answers, and what it costs."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from huggingface_hub import ModelCardData

from lineas.evaluation.health_card import AnswersReport, HealthCard
from lineas.models.builtin import HUB_ID
from lineas.steering.map import SteeringMap

BUILT_IN_LICENCE = "apache-2.0"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_SHOWN_SAMPLES = 3
_ROWS = {"plain": "plain model", "steered": "steered", "instruction": "instruction alone"}


def base_model(metadata: Mapping[str, str]) -> str | None:
    """Hub id of the model that a map was made for; None for a model that came from a folder or a file."""
    name = metadata.get("base_model", "")
    if name == "default":
        return HUB_ID
    return name if _HUB_ID.fullmatch(name) else None


def health_card(metadata: Mapping[str, str]) -> HealthCard | None:
    """The health card in a map's metadata; None if there is none, or only one of an older version."""
    with suppress(ValueError):
        return HealthCard.from_json(metadata.get("health", ""))
    return None


def model_card(steering_map: SteeringMap, repo: str = "your-name/your-map", licence: str | None = None) -> str:
    """Write the README.md of a map's repository.

    Args:
        repo: the repository's id, for the code that uses the map.
        licence: its identifier on the hub; None: the built-in model's for maps of that model, else none.
    """
    metadata, base = steering_map.metadata, base_model(steering_map.metadata)
    data = ModelCardData(
        license=licence or (BUILT_IN_LICENCE if base == HUB_ID else None),
        base_model=base,
        base_model_relation="adapter" if base else None,
        library_name="lineas",
        pipeline_tag="text-generation",
        tags=["lineas", "activation-steering", "optimal-transport"],
    )
    name, words = steering_map.name or "A steering map", metadata.get("description", "").strip()
    parts = [
        f"---\n{data.to_yaml()}\n---",
        f"# {_line(name)}",
        _line(words),
        _about(steering_map, base),
        _usage(metadata, repo),
        _health(health_card(metadata)),
        _origin(metadata),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _about(steering_map: SteeringMap, base: str | None) -> str:
    model = f"[{base}](https://huggingface.co/{base})" if base else "a model that is not on the hub"
    about = (
        f"A steering map for {model}, made with LinEAS Studio. At {len(steering_map.sites)} places of the network it "
        f"{_what_it_does(steering_map)} ([LinEAS](https://arxiv.org/abs/2503.10679)); the model itself stays as it is."
    )
    if steering_map.metadata.get("base_model") == "default":
        about += " It was learned on the 4-bit copy of that model that LinEAS Studio brings along (`default`)."
    if instruction := steering_map.metadata.get("instruction", "").strip():
        about += f'\n\nThe same wish in words: "{_line(instruction)}"'
    return about


def _what_it_does(steering_map: SteeringMap) -> str:
    if all(bool((scale == 1).all()) for scale in steering_map.scale.values()):
        what = "adds a learned shift to every activation"
    else:
        what = "multiplies every activation by a learned factor and adds a learned shift"
    return f"{what} of the answer, not of the question" if steering_map.metadata.get("scope") == "answer" else what


def _usage(metadata: Mapping[str, str], repo: str) -> str:
    model, strength = metadata.get("base_model", "default"), _number(metadata.get("recommended_strength"), 1.0)
    names, made = "Row, SteeringMap, generate, load_model", f"Row(concept, {strength:g})"
    if metadata.get("mode") in ("say", "both") and metadata.get("instruction"):
        names = "Row, SteeringMap, concept_row, generate, load_model"
        made = f'concept_row(concept, {strength:g}, "{metadata["mode"]}", concept.metadata["instruction"])'
    return f"""\
## Use it

```python
from lineas import {names}

model = load_model({json.dumps(model)})
concept = SteeringMap.from_pretrained({json.dumps(repo)})
rows = [Row(), {made}]
print(generate(model, ["Tell me about your day."], rows)[0])
```

Strength 0 is the plain model, 1 the whole map, up to 2 is more."""


def _health(card: HealthCard | None) -> str:
    if card is None:
        return "## What it does\n\nNot measured yet."
    paragraphs = [f"## What it does\n\nVerdict: **{card.title}**. {_line(card.reason)}"]
    how = "map and instruction together" if card.mode == "both" else "the map alone"
    paragraphs.append(f"Recommended: strength {card.recommended_strength:g}, {how}.")
    if reports := [(label, report) for who, label in _ROWS.items() if (report := card.answers_of(who))]:
        head = "| answers | judge's score | keeps to the question | perplexity | repetition |\n|---|---|---|---|---|"
        paragraphs.append("\n".join([head, *(_row(label, report) for label, report in reports)]))
        paragraphs.append(
            "The score is an independent judge's, 0 to 1; keeping to the question is in nats a token; perplexity is under the "
            "plain model."
        )
    cost = f"Cost of the map alone at that strength on Wikipedia sentences: {card.damage:+.3f} nats a token"
    paragraphs.append(f"{cost}; gain on the target examples: {card.gain:+.3f}.")
    for sample in card.samples[:_SHOWN_SAMPLES]:
        paragraphs.append(
            f"> {_line(sample.prompt)}\n\n- plain: {_line(sample.plain)}\n- steered: {_line(sample.steered)}"
        )
    return "\n\n".join(paragraphs)


def _row(label: str, report: AnswersReport) -> str:
    score = "–" if report.score is None else f"{report.score.mean:.2f}"
    perplexity = "–" if report.perplexity is None else f"{report.perplexity:.1f}"
    repetition = f"{report.statistics.repetition:.0%}"
    return f"| {label} | {score} | {report.relevance.mean:.2f} | {perplexity} | {repetition} |"


def _origin(metadata: Mapping[str, str]) -> str:
    examples, recipe = _json(metadata.get("examples")), _json(metadata.get("recipe")).get("recipe")
    facts = {
        "method": metadata.get("method"),
        "recipe": recipe.get("name") if isinstance(recipe, dict) else None,
        "source and target sentences": (
            f"{examples['source']} and {examples['target']}" if {"source", "target"} <= examples.keys() else None
        ),
        "what is steered": metadata.get("scope"),
        "base model's fingerprint": metadata.get("base_model_fingerprint"),
        "made": metadata.get("created"),
        "version of LinEAS": metadata.get("lineas_version"),
    }
    lines = [f"- {label}: {_line(str(fact))}" for label, fact in facts.items() if fact]
    limits = "Steering makes unwanted text rarer, not impossible: it is no safety guarantee."
    return "\n\n".join(filter(None, ["## Where it comes from" if lines else "", "\n".join(lines), limits]))


def _json(text: str | None) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(text or "{}")
        return found if isinstance(found, dict) else {}
    return {}


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text else otherwise
    except ValueError:
        return otherwise


def _line(text: str) -> str:
    """Text of a model or a person on one line, so that none of it is taken for markup at the beginning of a line."""
    return re.sub(r"([\\`<>\[\]|#*_])", r"\\\1", " ".join(text.split()))
