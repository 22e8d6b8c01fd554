"""A strong style, pirate: losses by strength, and unselected answers in chat."""

from collections.abc import Sequence
from typing import Any

from benchmarks.quality.results import Result, Unit
from benchmarks.quality.study import Study, presets_named
from benchmarks.report import table
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish

PROMPTS = ("Tell me about your day.", "What should I cook tonight?", "How do I get to the station?")
STRENGTHS = (0.0, 0.5, 0.75, 1.0)
TOKENS = 60


def units(study: Study) -> list[Unit]:
    [preset] = presets_named("pirate")

    def measure() -> dict[str, Any]:
        steering, _ = study.train("lineas", preset.source, preset.target, 0)
        curve = finish(cost_curve(study.model, steering, preset.target, wiki_sentences(), STRENGTHS))
        rows = [Row(steering, strength) for strength in STRENGTHS]
        answers = generate(study.model, PROMPTS, rows, Sampling(max_new_tokens=TOKENS))
        return {
            "losses": [(point.strength, point.wiki_loss, point.target_loss) for point in curve],
            "answers": [
                (prompt, row.strength, " ".join(answer.text.split()))
                for prompt, line in zip(PROMPTS, answers, strict=True)
                for row, answer in zip(rows, line, strict=True)
            ],
        }

    key = study.preset_key(preset, suite="style", preset=preset.id, tokens=TOKENS)
    return [Unit(key, study.seconds("lineas") + 30, measure)]


def tables(study: Study, results: Sequence[Result]) -> str:
    [result] = results
    losses = [(strength, f"{wiki:.3f}", f"{target:.3f}") for strength, wiki, target in result["losses"]]
    return "\n\n".join(
        [
            table(("strength", "loss on Wikipedia, nats", "loss on the target sentences (trained on), nats"), losses),
            table(("prompt", "strength", "answer"), result["answers"]),
        ]
    )
