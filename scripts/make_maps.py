"""Train the ready-made maps and write the tables of assets/presets/README.md.

python -m scripts.make_maps [pirate cheerful …]

Trains every preset, or those named, on the default model with ``quick`` (or ``BY_FORMER_RECIPE``) and runs the health check.
Then measures all ready-made maps on the neutral questions.
"""

import sys
import time

from benchmarks.quality.straight import FORMER
from benchmarks.report import table, write_tables
from lineas import SteeringMap, fit, load_model
from lineas.data.presets import Preset, load_presets
from lineas.evaluation.findings import TextReport
from lineas.evaluation.health import health_check
from lineas.evaluation.health_card import HealthCard
from lineas.evaluation.metrics.effect import EVAL_SAMPLING, answers, neutral_prompts, report
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.files import ASSETS
from lineas.generation.generate import generate
from lineas.generation.listener import Answer
from lineas.generation.prompts import Row, concept_row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish

PAGE = ASSETS / "presets" / "README.md"
SAMPLES = 2
"""Number of answers shown for each preset."""
SAMPLING = Sampling(max_new_tokens=48)
"""The settings of the Compare page."""
HEAD = ("preset", "effect: plain", "shown at λ = 1", "keeps to the question", "advised", "effect there", "gain (95 %)",
        "keeps to the question there", "perplexity ratio there", "health card")  # fmt: skip


BY_FORMER_RECIPE = ("terse",)
"""Presets whose health cards were better with ``quick`` of 0.1 than with today's, when both were made."""
MODES = {"show": "shown at", "both": "said, and shown at"}


def main(wanted: list[str]) -> None:
    model = load_model("default")
    presets = load_presets()
    for preset in presets:
        if not wanted or preset.id in wanted:
            _train(model, preset)
    maps = [(preset, SteeringMap.load(ASSETS / "maps" / f"{preset.id}.safetensors")) for preset in presets]
    write_tables("effects", table(HEAD, [_effects(model, *one) for one in maps]), PAGE)
    write_tables("samples", "\n\n".join(_samples(model, *one) for one in maps), PAGE)


def _train(model: LoadedModel, preset: Preset) -> None:
    began = time.perf_counter()
    recipe = FORMER if preset.id in BY_FORMER_RECIPE else "quick"
    steering_map = fit(model, preset.source, preset.target, recipe, name=preset.name)
    path = ASSETS / "maps" / f"{preset.id}.safetensors"
    *_, card = health_check(model, steering_map, preset.source, preset.target, instruction=preset.instruction)
    assert isinstance(card, HealthCard)
    path.parent.mkdir(exist_ok=True)
    strength = f"{card.recommended_strength:g}"
    metadata = {
        "description": preset.description, "instruction": preset.instruction, "mode": card.mode,
        "health": card.to_json(), "recommended_strength": strength,
    }  # fmt: skip
    steering_map.with_metadata(**metadata).save(path)
    print(f"{path.name}: {time.perf_counter() - began:.0f} s. {card.title}. {card.reason}", flush=True)


def _effects(model: LoadedModel, preset: Preset, steering_map: SteeringMap) -> tuple[str, ...]:
    """The preset's row of the table."""
    card = card_of(steering_map)
    advised = card.recommended_strength
    rows = [Row(), Row(steering_map, 1.0), advised_row(preset, steering_map)]
    texts = finish(answers(model, neutral_prompts(model), rows, EVAL_SAMPLING))
    judge = train_judge(preset.source, preset.target, load_minilm())
    plain, full, best = finish(report(model, neutral_prompts(model), texts, judge))
    assert best.gain is not None
    return (
        f"[{preset.name}](#{preset.name.lower().replace(' ', '-')})",
        _score(plain),
        _score(full),
        f"{full.relevance.mean / plain.relevance.mean:.0%}",
        f"{MODES[card.mode]} {advised:g}",
        f"**{_score(best)}**",
        f"{best.gain.mean:+.2f} ({best.gain.low:+.2f} to {best.gain.high:+.2f})",
        f"{best.relevance.mean / plain.relevance.mean:.0%}",
        f"{best.perplexity / plain.perplexity:.2f}",
        card.title,
    )


def _samples(model: LoadedModel, preset: Preset, steering_map: SteeringMap) -> str:
    """The preset's heading, its description, and plain beside steered answers."""
    card = card_of(steering_map)
    prompts = preset.prompts[:SAMPLES]
    pairs = generate(model, prompts, [Row(), advised_row(preset, steering_map)], SAMPLING)
    rows = [(prompt, *map(_cell, pair)) for prompt, pair in zip(prompts, pairs, strict=True)]
    steered = f"{MODES[card.mode]} λ = {card.recommended_strength:g}"
    return f"### {preset.name}\n\n{preset.description}\n\n{table(('asked', 'plain', steered), rows)}"


def card_of(steering_map: SteeringMap) -> HealthCard:
    """The health card in the map's file."""
    return HealthCard.from_json(steering_map.metadata["health"])


def advised_row(preset: Preset, steering_map: SteeringMap) -> Row:
    """The preset as its health card advises it."""
    card = card_of(steering_map)
    return concept_row(steering_map, card.recommended_strength, card.mode, preset.instruction)


def _score(measured: TextReport) -> str:
    return f"{measured.score.mean:.2f}" if measured.score else "–"


def _cell(answer: Answer) -> str:
    """An answer as a table cell, without markup."""
    return " ".join(answer.text.split()).translate({ord(mark): f"\\{mark}" for mark in "*_`<>[]#"})


if __name__ == "__main__":
    main(sys.argv[1:])
